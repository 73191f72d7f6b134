using ScrapeCluster.Configuration;

namespace ScrapeCluster.Scraping;

/// <summary>What a changed configuration means to a running pool (behaviour reference 1.1).</summary>
internal static class PoolReload
{
    /// <summary>Loops, caches and phases stay as they are. How targets are found is not the pool's concern: changed targets arrive as such.</summary>
    public static bool IsUntouched(ScrapeConfig before, ScrapeConfig after)
    {
        return ReferenceEquals(before, after) || WithoutDiscovery(before) == WithoutDiscovery(after);
    }

    /// <summary>The series caches go on: nothing changed that decides which labels a line gets.</summary>
    public static bool KeepsCache(ScrapeConfig before, ScrapeConfig after) => WithoutHarmless(before) == WithoutHarmless(after);

    private static ScrapeConfig WithoutDiscovery(ScrapeConfig config) => config with { ServiceDiscovery = [] };

    private static ScrapeConfig WithoutHarmless(ScrapeConfig config)
    {
        return WithoutDiscovery(config) with
        {
            ScrapeInterval = TimeSpan.Zero,
            ScrapeTimeout = TimeSpan.Zero,
            SampleLimit = 0,
            ScrapeFailureLogFile = "",
            HttpClient = HttpClientConfig.Default,
        };
    }
}
