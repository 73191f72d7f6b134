namespace ScrapeCluster.Configuration.Node;

public sealed record ScrapeSettings
{
    /// <summary>Bytes that all scrapes in flight may hold together. Zero = a quarter of the memory the process may use.</summary>
    public required long MemoryBudgetBytes { get; init; }

    public required bool AdjustTimestamps { get; init; }

    public required TimeSpan TimestampTolerance { get; init; }

    internal static ScrapeSettings Read(SettingsReader reader) => new()
    {
        MemoryBudgetBytes = reader.Size("scrapecluster.scrape.memory-budget", 0, 1L << 50),
        AdjustTimestamps = reader.Flag("scrapecluster.scrape.adjust-timestamps"),
        TimestampTolerance = reader.Duration("scrapecluster.scrape.timestamp-tolerance", TimeSpan.Zero, TimeSpan.FromSeconds(1)),
    };
}
