namespace ScrapeCluster.Storage.Wal;

/// <summary>When bytes of the log are forced to the disk. A killed process loses nothing in either case; a power cut does.</summary>
public enum WalSyncPolicy
{
    /// <summary>When a segment is closed, as Prometheus does.</summary>
    Segment,

    /// <summary>Every <see cref="WalOptions.SyncInterval"/>, off the writing thread.</summary>
    Interval,

    /// <summary>Before a batch is acknowledged.</summary>
    Batch,
}

/// <param name="SegmentSize">Bytes of a full segment.</param>
/// <param name="Compress">Snappy for records that it makes smaller.</param>
public sealed record WalOptions(
    int SegmentSize = WalFormat.DefaultSegmentSize,
    bool Compress = true,
    WalSyncPolicy Sync = WalSyncPolicy.Segment)
{
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(1);
}
