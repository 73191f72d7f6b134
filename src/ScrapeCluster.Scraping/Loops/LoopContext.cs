using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Scraping;

/// <summary>What the loops of a pool share.</summary>
internal sealed record LoopContext(ScrapingContext Node, ScrapingMetrics Metrics, BodyBufferPool Bodies, FamilyInterner Families, ILogger Logger);
