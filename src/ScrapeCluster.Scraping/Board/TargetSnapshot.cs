using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>An active target as it stood when it was asked for. Times are the node's cluster time.</summary>
/// <param name="Pool">The job's name.</param>
/// <param name="Slot">Which replica of the target this is; 0 when each is scraped once.</param>
/// <param name="Labels">The labels its samples carry: those without a leading <c>__</c>.</param>
/// <param name="DiscoveredLabels">The labels before relabelling.</param>
/// <param name="LastError">Empty after a successful scrape and before the first.</param>
/// <param name="LastScrape">Null before the first scrape.</param>
/// <param name="NextScrape">When the plan has the next scrape; null while the target is being set up, and when another node goes on with it.</param>
/// <param name="Hash">Stable identity of the target within its pool, the name of its loop actor in hexadecimal.</param>
public sealed record TargetSnapshot(
    string Pool,
    int Slot,
    ulong Hash,
    Labels Labels,
    Labels DiscoveredLabels,
    string ScrapeUrl,
    TimeSpan Interval,
    TimeSpan Timeout,
    TargetHealth Health,
    string LastError,
    DateTimeOffset? LastScrape,
    TimeSpan LastScrapeDuration,
    int LastSamples,
    DateTimeOffset? NextScrape,
    long MissedTicks);

public enum TargetHealth : byte
{
    Unknown,
    Up,
    Down,
}
