using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage;

/// <summary>How a data directory is kept.</summary>
/// <param name="Path">The data directory, with Prometheus's layout below: <c>wal/</c>, <c>chunks_head/</c>, blocks, <c>lock</c>.</param>
public sealed record StorageOptions(string Path)
{
    private const int MinSegmentPages = 4;
    private const int FilesOfSize = 10;

    /// <summary>
    /// Blocks that ended so long before the newest one go, and of the head what is so much older than its newest sample. Zero = no limit by age.
    /// </summary>
    public TimeSpan RetentionTime { get; init; } = TimeSpan.FromDays(15);

    /// <summary>Bytes of blocks, log and chunk files together; above, the oldest samples go. Zero = no limit by size.</summary>
    public long RetentionSizeBytes { get; init; }

    /// <summary>How often it is looked for what is to be written to a block, merged, or deleted.</summary>
    public TimeSpan TruncateInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The head is cut only when it reaches back this much further than it should, since a cut rewrites the checkpoint; never more than a quarter of the kept range.
    /// </summary>
    public TimeSpan TruncateSlack { get; init; } = TimeSpan.FromMinutes(30);

    public WalOptions Wal { get; init; } = new();

    /// <summary>What remote write still has to send.</summary>
    public OwedLog Owed { get; init; } = new();

    /// <summary>How much of it is kept.</summary>
    public OwedLimits OwedLimits { get; init; } = new();

    internal string WalPath => System.IO.Path.Combine(Path, "wal");

    internal string ChunksPath => System.IO.Path.Combine(Path, "chunks_head");

    /// <summary>Segments small enough that a retention size can be kept by dropping whole ones.</summary>
    internal WalOptions SizedWal => Wal with
    {
        SegmentSize = (int)Math.Min(Wal.SegmentSize, Math.Max(MinSegmentPages, SizedFileBytes / WalFormat.PageSize) * WalFormat.PageSize),
    };

    /// <summary>Of a retention size at most the half is for remote write: blocks go before what is owed, and not all of them.</summary>
    internal OwedLimits SizedOwed => RetentionSizeBytes > 0 && (OwedLimits.MaxBytes == 0 || OwedLimits.MaxBytes > RetentionSizeBytes / 2)
        ? OwedLimits with { MaxBytes = RetentionSizeBytes / 2, SizeSetting = "the half of --storage.tsdb.retention.size" }
        : OwedLimits;

    internal long ChunkFileBytes => Math.Min(ChunkFiles.MaxFileBytes, Math.Max(MinSegmentPages * WalFormat.PageSize, SizedFileBytes));

    private long SizedFileBytes => RetentionSizeBytes == 0 ? int.MaxValue : RetentionSizeBytes / FilesOfSize;

    /// <summary>
    /// Samples go by age while they are in the head only when they are kept for less than a head spans. Else they are in blocks long before; a head that spans
    /// more all the same comes of a clock that was set forward, and becomes blocks first.
    /// </summary>
    internal bool IsHeadCutByAge => RetentionTime > TimeSpan.Zero && RetentionTime.TotalMilliseconds < HeadRangeRule.LongestMs;

    internal TimeSpan Slack => TruncateSlack < RetentionTime / 4 ? TruncateSlack : RetentionTime / 4;
}
