namespace ScrapeCluster.Configuration.Node;

public sealed record ScrapeSettings
{
    /// <summary>Bytes that all scrapes in flight may hold together. Zero = a quarter of the memory the process may use.</summary>
    public required long MemoryBudgetBytes { get; init; }

    /// <summary>No page may have as many bytes as this, whatever body_size_limit says.</summary>
    public required long HardBodyLimitBytes { get; init; }

    public required bool AdjustTimestamps { get; init; }

    public required TimeSpan TimestampTolerance { get; init; }

    internal static ScrapeSettings Read(SettingsReader reader) => new()
    {
        MemoryBudgetBytes = reader.Size("scrapecluster.scrape.memory-budget", 0, 1L << 50),
        HardBodyLimitBytes = reader.Size("scrapecluster.scrape.hard-body-limit", 1 << 10, 1 << 30),
        AdjustTimestamps = reader.Flag("scrapecluster.scrape.adjust-timestamps"),
        TimestampTolerance = reader.Duration("scrapecluster.scrape.timestamp-tolerance", TimeSpan.Zero, TimeSpan.FromSeconds(1)),
    };
}
