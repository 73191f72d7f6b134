namespace ScrapeCluster.Storage.Compaction;

/// <summary>The first millisecond is included, the end is not.</summary>
internal readonly record struct TimeRange(long MinMs, long EndMs);
