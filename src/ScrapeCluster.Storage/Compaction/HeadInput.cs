using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// A range of the head as a block's input, read beside the writer. The head must take no samples of the range any more
/// (<see cref="HeadBlock.FreezeBefore"/>). The order of the series is found once; a series that is collected afterwards is passed over.
/// </summary>
internal sealed class HeadInput : IBlockInput
{
    private readonly HeadBlock _head;
    private readonly long _minMs;
    private readonly long _maxMs;
    private readonly HeadRows _rows;

    /// <param name="range">What of the head; chunks that reach beyond are cut.</param>
    public HeadInput(HeadBlock head, TimeRange range, CancellationToken cancellation = default)
    {
        _head = head;
        _minMs = range.MinMs;
        _maxMs = range.EndMs - 1;
        _rows = HeadRows.Of(head, _minMs, _maxMs, cancellation);
    }

    public int SeriesCount => _rows.Rows.Length;

    public IBlockSource Open() => new HeadSource(_head, _rows, _minMs, _maxMs);
}
