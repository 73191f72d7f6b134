namespace ScrapeCluster.Configuration.Node;

public sealed record StorageSettings
{
    public required StorageMode Mode { get; init; }

    public required string Path { get; init; }

    /// <summary>Zero = no limit by age.</summary>
    public required TimeSpan RetentionTime { get; init; }

    /// <summary>Zero = no limit by size.</summary>
    public required long RetentionSizeBytes { get; init; }

    public required WalSettings Wal { get; init; }

    /// <summary>Used in agent mode only, as <see cref="RetentionTime"/>, <see cref="RetentionSizeBytes"/> and <see cref="TruncateInterval"/> are
    /// outside of it.</summary>
    public required AgentSettings Agent { get; init; }

    /// <summary>How often it is looked for what is to be written to a block, merged, or deleted.</summary>
    public required TimeSpan TruncateInterval { get; init; }

    internal static StorageSettings Read(SettingsReader reader) => new()
    {
        Mode = reader.Choice<StorageMode>(StorageModeRules.ModeKey),
        Path = reader.RequiredText("scrapecluster.storage.path"),
        RetentionTime = reader.Duration("scrapecluster.storage.retention-time", TimeSpan.Zero, TimeSpan.FromDays(365 * 200)),
        RetentionSizeBytes = reader.Size("scrapecluster.storage.retention-size", 0, long.MaxValue),
        Wal = WalSettings.Read(reader),
        Agent = AgentSettings.Read(reader),
        TruncateInterval = reader.Duration("scrapecluster.storage.truncate-interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
    };
}

public enum StorageMode
{
    /// <summary>Samples are kept and can be asked for.</summary>
    Server,

    /// <summary>Samples are kept in the WAL until they are sent on.</summary>
    Agent,
}

public sealed record AgentSettings
{
    /// <summary>How often old samples, series and segments are looked for.</summary>
    public required TimeSpan TruncateInterval { get; init; }

    /// <summary>What was sent is kept so long at least.</summary>
    public required TimeSpan MinTime { get; init; }

    /// <summary>What is older goes, sent or not.</summary>
    public required TimeSpan MaxTime { get; init; }

    internal static AgentSettings Read(SettingsReader reader)
    {
        const string MinTime = "scrapecluster.storage.agent.min-time";
        var settings = new AgentSettings
        {
            TruncateInterval = reader.Duration("scrapecluster.storage.agent.truncate-interval", TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)),
            MinTime = reader.Duration(MinTime, TimeSpan.Zero, TimeSpan.FromDays(365)),
            MaxTime = reader.Duration("scrapecluster.storage.agent.max-time", TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)),
        };
        if (settings.MinTime > settings.MaxTime && settings.MaxTime > TimeSpan.Zero)
        {
            reader.Fault(MinTime, $"no longer than scrapecluster.storage.agent.max-time, which is {DurationText.Format(settings.MaxTime)}");
        }

        return settings;
    }
}

public sealed record WalSettings
{
    public const int PageBytes = 32 * 1024;
    internal const string MetadataRecordsKey = "scrapecluster.storage.wal.metadata-records";

    public required long SegmentSizeBytes { get; init; }

    public required WalCompression Compression { get; init; }

    public required WalFsync Fsync { get; init; }

    public required TimeSpan FsyncInterval { get; init; }

    public required WalRepairChoice Repair { get; init; }

    /// <summary>What targets say of their metrics is written beside their samples.</summary>
    public required bool MetadataRecords { get; init; }

    internal static WalSettings Read(SettingsReader reader)
    {
        const string SegmentSize = "scrapecluster.storage.wal.segment-size";
        var settings = new WalSettings
        {
            SegmentSizeBytes = reader.Size(SegmentSize, 2 * PageBytes, 1L << 30),
            Compression = reader.Choice<WalCompression>("scrapecluster.storage.wal.compression"),
            Fsync = reader.Choice<WalFsync>("scrapecluster.storage.wal.fsync"),
            FsyncInterval = reader.Duration("scrapecluster.storage.wal.fsync-interval", TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            Repair = reader.Choice<WalRepairChoice>("scrapecluster.storage.wal.repair"),
            MetadataRecords = reader.Flag(MetadataRecordsKey),
        };
        if (settings.SegmentSizeBytes % PageBytes != 0)
        {
            reader.Fault(SegmentSize, "a multiple of 32KiB, the size of a WAL page");
        }

        return settings;
    }
}

public enum WalCompression
{
    None,
    Snappy,
}

/// <summary>When written records are forced to the disk; a killed process loses nothing in any of them, only a lost machine does.</summary>
public enum WalFsync
{
    /// <summary>When a segment is closed, as Prometheus does.</summary>
    Segment,

    /// <summary>Every <see cref="WalSettings.FsyncInterval"/>.</summary>
    Interval,

    /// <summary>Before a scrape is acknowledged.</summary>
    Batch,
}

/// <summary>What becomes of records behind damage in the middle of the WAL.</summary>
public enum WalRepairChoice
{
    /// <summary>All that can be read stays.</summary>
    Keep,

    /// <summary>All behind the damage goes, as in Prometheus.</summary>
    Cut,
}
