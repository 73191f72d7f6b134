using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage;

/// <summary>How a data directory is kept.</summary>
/// <param name="Path">The data directory, with Prometheus's layout below: <c>wal/</c>, <c>chunks_head/</c>, <c>lock</c>.</param>
public sealed record StorageOptions(string Path)
{
    /// <summary>
    /// How far back from the newest sample the head reaches. Until blocks are written nothing older is kept, so this bounds
    /// memory, the log and the time of a replay.
    /// </summary>
    public TimeSpan HeadRange { get; init; } = TimeSpan.FromHours(3);

    /// <summary>Samples older than this, measured from the newest, go even when the head reaches further. Zero = no limit by age.</summary>
    public TimeSpan RetentionTime { get; init; } = TimeSpan.FromDays(15);

    /// <summary>Bytes of the log, checkpoint included; above, the oldest segments give up their samples. Zero = no limit by size.</summary>
    public long RetentionSizeBytes { get; init; }

    /// <summary>How often old chunks, series without samples and log segments are looked for.</summary>
    public TimeSpan TruncateInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The head is cut only when it reaches back this much further than it should, since a cut rewrites the checkpoint.</summary>
    public TimeSpan TruncateSlack { get; init; } = TimeSpan.FromMinutes(30);

    public WalOptions Wal { get; init; } = new();

    internal string WalPath => System.IO.Path.Combine(Path, "wal");

    internal string ChunksPath => System.IO.Path.Combine(Path, "chunks_head");

    internal TimeSpan KeptRange => RetentionTime > TimeSpan.Zero && RetentionTime < HeadRange ? RetentionTime : HeadRange;
}
