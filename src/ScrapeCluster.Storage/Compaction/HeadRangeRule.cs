using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// When the head is due to become a block, and what of it: once it spans more than one and a half ranges, from its beginning to the next border
/// (Prometheus tsdb/head.go). So half a range, as far back as samples are taken, always stays, and what is written does not change any more.
/// </summary>
internal static class HeadRangeRule
{
    /// <summary>A head that spans more is due.</summary>
    public static readonly long LongestMs = ChunkCut.RangeMs / 2 * 3;

    /// <param name="minMs">The head's oldest sample.</param>
    /// <param name="maxMs">The head's newest sample; below <paramref name="minMs"/> when it is empty.</param>
    public static TimeRange? Due(long minMs, long maxMs)
    {
        // The difference of any two times fits without a sign.
        return maxMs < minMs || unchecked((ulong)(maxMs - minMs)) <= (ulong)LongestMs
            ? null
            : new TimeRange(minMs, ChunkCut.RangeEnd(minMs));
    }
}
