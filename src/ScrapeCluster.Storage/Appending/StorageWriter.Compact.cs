using ScrapeCluster.Storage.Compaction;

namespace ScrapeCluster.Storage.Appending;

/// <summary>Writing the head to blocks and keeping the blocks, on a thread beside (<see cref="Compactor"/>).</summary>
internal sealed partial class StorageWriter
{
    /// <summary>After failures in a row so many ticks pass at most before the next try: each may cost as much as a success, as on a disk that fills up.</summary>
    private const int MaxRest = 10;

    private Task<CompactionOutcome>? _compaction;

    /// <summary>In ticks: how long the last rest was, and what is left of it.</summary>
    private int _rest;
    private int _restLeft;

    /// <summary>Samples before this time are in blocks: the head is to be cut there.</summary>
    private long? _writtenBeforeMs;

    /// <summary>Queries up to this one do not know the block, and read from the head what is in it.</summary>
    private long _readsBefore;
    private bool _areBlocksDue;

    /// <summary>At every tick: the blocks are to be looked at again.</summary>
    public void ExpectBlocks()
    {
        _areBlocksDue = true;
        _restLeft = Math.Max(0, _restLeft - 1);
    }

    /// <summary>
    /// Starts the next piece of compaction, if one is due and none is running; hand its end to <see cref="EndCompaction"/>. The range is chosen and frozen
    /// here, on the writer's thread, so that no batch is half in it.
    /// </summary>
    public Task<CompactionOutcome>? BeginCompaction(CancellationToken cancellation)
    {
        if (_compaction is not null || _truncation is not null || _restLeft > 0)
        {
            return null;
        }

        if (_writtenBeforeMs is null && HeadRangeRule.Due(_head.MinTimeMs, _head.MaxTimeMs) is { } range)
        {
            _head.FreezeBefore(range.EndMs);
            return _compaction = CompactionThread.Run(() => _compactor.WriteHead(range, cancellation));
        }

        return _areBlocksDue ? BeginTidying(cancellation) : null;
    }

    /// <summary>True when more may be due now; after a failure not before the next tick, and later with each one more.</summary>
    public bool EndCompaction(CompactionOutcome outcome)
    {
        _compaction = null;
        _rest = outcome.Failure is null ? 0 : Math.Clamp(_rest * 2, 1, MaxRest);
        _restLeft = _rest;
        if (outcome.Failure is { } failure)
        {
            MakeRoomAfter(failure);
        }

        _areBlocksDue |= outcome.AreBlocksLeft;
        if (outcome.WrittenBeforeMs is { } writtenBeforeMs)
        {
            _writtenBeforeMs = writtenBeforeMs;
            _readsBefore = _reads.Mark();
            _areBlocksDue = true;
        }

        return outcome.Failure is null;
    }

    private Task<CompactionOutcome>? BeginTidying(CancellationToken cancellation)
    {
        if (_writtenBeforeMs is not { } writtenBeforeMs)
        {
            _areBlocksDue = false;
            return _compaction = CompactionThread.Run(() => _compactor.TidyBlocks(cancellation));
        }

        // The head is about to be cut, once a checkpoint has ended: the blocks come after it.
        var readsBefore = _readsBefore;
        if (_reads.HaveEnded(readsBefore, writtenBeforeMs))
        {
            return null;
        }

        // Slow readers hold back the head's cut, and with it the next block of the head; not the blocks.
        _areBlocksDue = false;
        return _compaction = CompactionThread.Run(() => _compactor.TidyBlocks(() => _reads.HaveEnded(readsBefore, writtenBeforeMs), cancellation));
    }
}
