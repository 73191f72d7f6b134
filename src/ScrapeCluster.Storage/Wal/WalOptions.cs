namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// When bytes of the log are forced to the disk, and so what a power cut takes. A killed process loses nothing that was acknowledged under any of them.
/// FORMAT.md has what each promises, and the tests that hold it.
/// </summary>
public enum WalSyncPolicy
{
    /// <summary>
    /// When a segment is closed, as Prometheus does, beside the writer: a power cut takes at most what the open segment has, and of the ones closed a
    /// moment ago what had not reached the disk yet.
    /// </summary>
    Segment,

    /// <summary>Every <see cref="WalOptions.SyncInterval"/>, beside the writer: at most what was written since the last but one flush began.</summary>
    Interval,

    /// <summary>Before a batch is acknowledged, several batches at once where several wait: nothing that was acknowledged.</summary>
    Batch,
}

/// <summary>What becomes of records behind damage in the middle of the log.</summary>
public enum WalRepairMode
{
    /// <summary>All that can be read stays.</summary>
    Keep,

    /// <summary>All behind the damage goes, later segments included, as in Prometheus (tsdb/wlog, Repair).</summary>
    Cut,
}

/// <param name="SegmentSize">Bytes of a full segment.</param>
/// <param name="Compress">Snappy for records that it makes smaller.</param>
public sealed record WalOptions(
    int SegmentSize = WalFormat.DefaultSegmentSize,
    bool Compress = true,
    WalSyncPolicy Sync = WalSyncPolicy.Segment)
{
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    public WalRepairMode Repair { get; init; } = WalRepairMode.Keep;

    /// <summary>Metadata that comes with samples is written, once for each series until it changes.</summary>
    public bool KeepsMetadata { get; init; }
}
