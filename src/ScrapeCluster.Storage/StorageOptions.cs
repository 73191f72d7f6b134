using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage;

/// <summary>How a data directory is kept.</summary>
/// <param name="Path">The data directory, with Prometheus's layout below: <c>wal/</c>, <c>chunks_head/</c>, <c>lock</c>.</param>
public sealed record StorageOptions(string Path)
{
    private const int MinSegmentPages = 4;
    private const int FilesOfSize = 10;

    /// <summary>
    /// How far back from the newest sample the head reaches. Until blocks are written nothing older is kept, so this bounds
    /// memory, the log and the time of a replay.
    /// </summary>
    public TimeSpan HeadRange { get; init; } = TimeSpan.FromHours(3);

    /// <summary>Samples older than this, measured from the newest, go even when the head reaches further. Zero = no limit by age.</summary>
    public TimeSpan RetentionTime { get; init; } = TimeSpan.FromDays(15);

    /// <summary>Bytes of log and chunk files together; above, the oldest samples go. Zero = no limit by size.</summary>
    public long RetentionSizeBytes { get; init; }

    /// <summary>How often old chunks, series without samples and log segments are looked for.</summary>
    public TimeSpan TruncateInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The head is cut only when it reaches back this much further than it should, since a cut rewrites the checkpoint; never more than a quarter of the kept range.
    /// </summary>
    public TimeSpan TruncateSlack { get; init; } = TimeSpan.FromMinutes(30);

    public WalOptions Wal { get; init; } = new();

    internal string WalPath => System.IO.Path.Combine(Path, "wal");

    internal string ChunksPath => System.IO.Path.Combine(Path, "chunks_head");

    /// <summary>Segments small enough that a retention size can be kept by dropping whole ones.</summary>
    internal WalOptions SizedWal => Wal with
    {
        SegmentSize = (int)Math.Min(Wal.SegmentSize, Math.Max(MinSegmentPages, SizedFileBytes / WalFormat.PageSize) * WalFormat.PageSize),
    };

    internal long ChunkFileBytes => Math.Min(ChunkFiles.MaxFileBytes, Math.Max(MinSegmentPages * WalFormat.PageSize, SizedFileBytes));

    private long SizedFileBytes => RetentionSizeBytes == 0 ? int.MaxValue : RetentionSizeBytes / FilesOfSize;

    internal TimeSpan Slack => TruncateSlack < KeptRange / 4 ? TruncateSlack : KeptRange / 4;

    internal TimeSpan KeptRange => RetentionTime > TimeSpan.Zero && RetentionTime < HeadRange ? RetentionTime : HeadRange;
}
