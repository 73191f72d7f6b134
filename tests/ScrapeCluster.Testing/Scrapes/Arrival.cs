namespace ScrapeCluster.Testing.Scrapes;

/// <summary>A scrape as its target sees it: the request that came in.</summary>
/// <param name="At">Monotonic, since the recording began.</param>
/// <param name="From">Address of the scraper, without its port.</param>
public readonly record struct Arrival(TimeSpan At, string From);
