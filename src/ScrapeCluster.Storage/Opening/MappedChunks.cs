using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Opening;

/// <summary>
/// The chunks found in files, by series, until the log tells whose they are. Samples of the log that they hold already are
/// not encoded again.
/// </summary>
/// <param name="minMs">Chunks that end before it are in blocks.</param>
internal sealed class MappedChunks(long minMs)
{
    private readonly Dictionary<ulong, List<(long MinMs, long MaxMs, ChunkRef Chunk)>> _bySeries = [];

    /// <summary>Chunks of histograms, which are not kept here.</summary>
    public int Skipped { get; private set; }

    /// <summary>References that no series record spoke of.</summary>
    public IEnumerable<ulong> UnclaimedRefs => _bySeries.Keys;

    public void Add(in ChunkFileEntry entry, ChunkRef chunk)
    {
        if (!entry.IsXor)
        {
            Skipped++;
            return;
        }

        if (!_bySeries.TryGetValue(entry.SeriesRef, out var chunks))
        {
            _bySeries[entry.SeriesRef] = chunks = [];
        }

        if (entry.MaxMs >= minMs)
        {
            chunks.Add((entry.MinMs, entry.MaxMs, chunk));
        }
    }

    public void AttachTo(HeadBlock head, uint row, ulong seriesRef)
    {
        if (_bySeries.Remove(seriesRef, out var chunks))
        {
            foreach (var (minMs, maxMs, chunk) in chunks)
            {
                head.Attach(row, minMs, maxMs, chunk);
            }
        }
    }
}
