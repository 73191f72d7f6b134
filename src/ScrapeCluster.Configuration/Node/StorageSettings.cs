namespace ScrapeCluster.Configuration.Node;

public sealed record StorageSettings
{
    public required string Path { get; init; }

    /// <summary>Zero = no limit by age.</summary>
    public required TimeSpan RetentionTime { get; init; }

    /// <summary>Zero = no limit by size.</summary>
    public required long RetentionSizeBytes { get; init; }

    public required WalSettings Wal { get; init; }

    /// <summary>How far back from the newest sample the head reaches.</summary>
    public required TimeSpan HeadRange { get; init; }

    /// <summary>How often samples beyond head range or retention are looked for.</summary>
    public required TimeSpan TruncateInterval { get; init; }

    internal static StorageSettings Read(SettingsReader reader) => new()
    {
        Path = reader.RequiredText("scrapecluster.storage.path"),
        RetentionTime = reader.Duration("scrapecluster.storage.retention-time", TimeSpan.Zero, TimeSpan.FromDays(365 * 200)),
        RetentionSizeBytes = reader.Size("scrapecluster.storage.retention-size", 0, long.MaxValue),
        Wal = WalSettings.Read(reader),
        HeadRange = reader.Duration("scrapecluster.storage.head-range", TimeSpan.FromMinutes(1), TimeSpan.FromDays(365)),
        TruncateInterval = reader.Duration("scrapecluster.storage.truncate-interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
    };
}

public sealed record WalSettings
{
    public const int PageBytes = 32 * 1024;

    public required long SegmentSizeBytes { get; init; }

    public required WalCompression Compression { get; init; }

    public required WalFsync Fsync { get; init; }

    public required TimeSpan FsyncInterval { get; init; }

    internal static WalSettings Read(SettingsReader reader)
    {
        const string SegmentSize = "scrapecluster.storage.wal.segment-size";
        var settings = new WalSettings
        {
            SegmentSizeBytes = reader.Size(SegmentSize, 2 * PageBytes, 1L << 30),
            Compression = reader.Choice<WalCompression>("scrapecluster.storage.wal.compression"),
            Fsync = reader.Choice<WalFsync>("scrapecluster.storage.wal.fsync"),
            FsyncInterval = reader.Duration("scrapecluster.storage.wal.fsync-interval", TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
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
