using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// The lengths of time that blocks are merged to: two hours and three times more at each step, up to a tenth of the retention, or 31 days
/// (Prometheus cmd/prometheus/main.go, tsdb/db.go).
/// </summary>
internal static class BlockRanges
{
    private const int Factor = 3;
    private const int MaxSteps = 10;

    private static readonly long LongestMs = (long)TimeSpan.FromDays(31).TotalMilliseconds;

    /// <param name="retention">Zero = no limit by age.</param>
    public static IReadOnlyList<long> For(TimeSpan retention)
    {
        var tenth = (long)retention.TotalMilliseconds / 10;
        var longest = tenth > 0 && tenth < LongestMs ? tenth : LongestMs;
        var ranges = new List<long> { ChunkCut.RangeMs };
        while (ranges.Count < MaxSteps && ranges[^1] * Factor <= longest)
        {
            ranges.Add(ranges[^1] * Factor);
        }

        return ranges;
    }
}
