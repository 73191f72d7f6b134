using Microsoft.Extensions.Logging;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Scraping;

/// <summary>All that the actors of scraping need from the node they run on.</summary>
public sealed record ScrapingContext
{
    /// <summary>Cluster time: on a single node the wall clock.</summary>
    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    public required MetricsRegistry Metrics { get; init; }

    /// <summary>Takes <see cref="SampleBatch"/>, answers <see cref="AppendResult"/>.</summary>
    public required IActorRef Storage { get; init; }

    public required SampleBatchPool Batches { get; init; }

    public required ScrapeBoard Board { get; init; }

    public required ScrapeMemoryBudget Budget { get; init; }

    /// <summary>Sent as User-Agent.</summary>
    public string UserAgent { get; init; } = "ScrapeCluster";

    /// <summary>Setting <c>scrapecluster.scrape.hard-body-limit</c>: no page may have as many bytes, unpacked, whatever body_size_limit says.</summary>
    public long HardBodyLimitBytes { get; init; } = 256L << 20;

    public bool AdjustTimestamps { get; init; } = true;

    public TimeSpan TimestampTolerance { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Setting <c>scrapecluster.storage.wal.metadata-records</c>: what targets say of their metrics goes to the storage.</summary>
    public bool AppendsMetadata { get; init; }

    /// <summary>Hears of the scrapes of targets that have several slots; null: nobody wants to know.</summary>
    public IScrapeWitness? Witness { get; init; }

    /// <summary>Seeds the hash of the series caches, whose keys come from targets.</summary>
    public ulong CacheHashSeed { get; init; } = (ulong)Random.Shared.NextInt64();

    /// <summary>Ends scrapes in flight when the process shuts down; nothing else does.</summary>
    public CancellationToken Shutdown { get; init; }

    internal ScrapeFailureLogs FailureLogs { get; } = new();

    /// <summary>Of all series caches: targets of several jobs and slots may expose the same lines.</summary>
    internal SharedTexts Texts { get; } = new();

    /// <summary>Tests put a scripted exporter here.</summary>
    internal ITargetFetcherFactory? Fetchers { get; init; }
}
