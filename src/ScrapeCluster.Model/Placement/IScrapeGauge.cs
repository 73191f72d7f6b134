namespace ScrapeCluster.Model;

/// <summary>What scraping costs on this node, for placement and for the watchdog. May be read from any thread.</summary>
public interface IScrapeGauge
{
    /// <summary>Scrapes ended so far, with or without success.</summary>
    long ScrapesEnded { get; }

    /// <summary>The shortest scrape interval of the targets that are due here now; null when none is, so that nothing need move.</summary>
    TimeSpan? ShortestInterval { get; }

    /// <summary>Every running target that was scraped at least once.</summary>
    IEnumerable<TargetLoad> Loads();
}

/// <param name="SamplesPerSecond">Of its last successful scrape, report samples included, by its interval.</param>
public readonly record struct TargetLoad(string Job, int Slot, ulong TargetHash, double SamplesPerSecond);
