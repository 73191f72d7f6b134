namespace ScrapeCluster.Configuration.Node;

public sealed record DiscoverySettings
{
    /// <summary>The first change after quiet passes at once; further ones wait ever longer, at most until this long after the last that passed.</summary>
    public required TimeSpan BurstInterval { get; init; }

    internal static DiscoverySettings Read(SettingsReader reader) => new()
    {
        BurstInterval = reader.Duration("scrapecluster.discovery.burst-interval", TimeSpan.Zero, TimeSpan.FromHours(1)),
    };
}
