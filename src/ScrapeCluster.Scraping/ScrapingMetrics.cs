using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Scraping;

/// <summary>The metrics of scraping: Prometheus's names where it has them, so that its dashboards and mixins work.</summary>
internal sealed class ScrapingMetrics
{
    private const string Job = "scrape_job";

    public ScrapingMetrics(MetricsRegistry registry, ScrapeMemoryBudget budget, ScrapeBoard board)
    {
        Pools = registry.Counter("prometheus_target_scrape_pools_total", "Total number of scrape pool creation attempts.");
        PoolsFailed = registry.Counter("prometheus_target_scrape_pools_failed_total", "Total number of scrape pool creations that failed.");
        Reloads = registry.Counter("prometheus_target_scrape_pool_reloads_total", "Total number of scrape pool reloads.");
        ReloadsFailed = registry.Counter("prometheus_target_scrape_pool_reloads_failed_total", "Total number of failed scrape pool reloads.");
        ReloadLength = registry.Summaries("prometheus_target_reload_length_seconds", "Actual interval to reload the scrape pool with a given configuration.", null, "interval");
        LimitExceeded = registry.Counter("prometheus_target_scrape_pool_exceeded_target_limit_total", "Total number of times scrape pools hit the target limit, during sync or config reload.");
        TargetLimit = registry.Gauges("prometheus_target_scrape_pool_target_limit", "Maximum number of targets allowed in this scrape pool.", Job);
        Targets = registry.Gauges("prometheus_target_scrape_pool_targets", "Current number of targets in this scrape pool.", Job);
        Syncs = registry.Counters("prometheus_target_scrape_pool_sync_total", "Total number of syncs that were executed on a scrape pool.", Job);
        SyncLength = registry.Summaries("prometheus_target_sync_length_seconds", "Actual interval to sync the scrape pool.", null, Job);
        SyncFailed = registry.Counters("prometheus_target_sync_failed_total", "Total number of target sync failures.", Job);
        IntervalLength = registry.Summaries("prometheus_target_interval_length_seconds", "Actual intervals between scrapes.", null, "interval");
        ScrapeDuration = registry.Histogram("prometheus_target_scrape_duration_seconds", "Total duration of the scrape from start to commit completion in seconds.");
        BodySizeExceeded = registry.Counter("prometheus_target_scrapes_exceeded_body_size_limit_total", "Total number of scrapes that hit the body size limit.");
        SampleLimitExceeded = registry.Counter("prometheus_target_scrapes_exceeded_sample_limit_total", "Total number of scrapes that hit the sample limit and were rejected.");
        LabelLimitExceeded = registry.Counter("prometheus_target_scrape_pool_exceeded_label_limits_total", "Total number of times scrape pools hit the label limits, during sync or config reload.");
        Duplicates = registry.Counter("prometheus_target_scrapes_sample_duplicate_timestamp_total", "Total number of samples rejected due to duplicate timestamps but different values.");
        OutOfOrder = registry.Counter("prometheus_target_scrapes_sample_out_of_order_total", "Total number of samples rejected due to not being out of the expected order.");
        OutOfBounds = registry.Counter("prometheus_target_scrapes_sample_out_of_bounds_total", "Total number of samples rejected due to timestamp falling outside of the time bounds.");
        FlushForced = registry.Counter("prometheus_target_scrapes_cache_flush_forced_total", "How many times a scrape cache was flushed due to getting big while scrapes are failing.");
        Missed = registry.Counters("scrapecluster_target_missed_ticks_total", "Scrapes that did not take place because the one before was still running or the memory budget was used up.", "reason");
        Scrapes = registry.Counter("scrapecluster_target_scrapes_total", "Scrapes that came to an end, failed ones included.");
        Samples = registry.Counter("scrapecluster_target_samples_total", "Samples handed to storage, markers and reports included.");
        registry.GaugeCallback("scrapecluster_scrape_memory_budget_used_bytes", "Bytes that scrapes in flight hold of the node's budget.", () => budget.UsedBytes);
        registry.GaugeCallback("scrapecluster_scrape_memory_budget_bytes", "The node's budget for scrapes in flight.", () => budget.LimitBytes);
        registry.Callback(
            MetricType.Gauge, "prometheus_target_metadata_cache_entries", "Total number of metric metadata entries in the cache.", [Job],
            () => ByJob(board, static families => families.Count));
        registry.Callback(
            MetricType.Gauge, "prometheus_target_metadata_cache_bytes", "The number of bytes that are currently used for storing metric metadata in the cache.", [Job],
            () => ByJob(board, static families => families.Sum(static family => (double)family.SizeBytes)));
        MissedBusy = Missed.With("running");
        MissedBudget = Missed.With("memory");
    }

    public Counter Pools { get; }

    public Counter PoolsFailed { get; }

    public Counter Reloads { get; }

    public Counter ReloadsFailed { get; }

    public MetricFamily<Summary> ReloadLength { get; }

    public Counter LimitExceeded { get; }

    public MetricFamily<Gauge> TargetLimit { get; }

    public MetricFamily<Gauge> Targets { get; }

    public MetricFamily<Counter> Syncs { get; }

    public MetricFamily<Summary> SyncLength { get; }

    public MetricFamily<Counter> SyncFailed { get; }

    public MetricFamily<Summary> IntervalLength { get; }

    public Histogram ScrapeDuration { get; }

    public Counter BodySizeExceeded { get; }

    public Counter SampleLimitExceeded { get; }

    public Counter LabelLimitExceeded { get; }

    public Counter Duplicates { get; }

    public Counter OutOfOrder { get; }

    public Counter OutOfBounds { get; }

    public Counter FlushForced { get; }

    public MetricFamily<Counter> Missed { get; }

    public Counter MissedBusy { get; }

    public Counter MissedBudget { get; }

    public Counter Scrapes { get; }

    public Counter Samples { get; }

    public void Refused(in RefusalCounts counts)
    {
        OutOfOrder.Add((long)counts.OutOfOrder);
        Duplicates.Add((long)counts.Duplicates);
        OutOfBounds.Add((long)counts.OutOfBounds);
    }

    public void Read(in ScrapeOutcome outcome, bool bodyLimitExceeded)
    {
        Scrapes.Inc();
        Duplicates.Add((long)outcome.Counts.Duplicates);
        OutOfBounds.Add((long)outcome.Counts.OutOfBounds);
        if (outcome.Counts.LimitExceeded)
        {
            SampleLimitExceeded.Inc();
        }

        if (outcome.Counts.LabelLimitExceeded)
        {
            LabelLimitExceeded.Inc();
        }

        if (bodyLimitExceeded)
        {
            BodySizeExceeded.Inc();
        }
    }

    /// <summary>Takes the children of a job off the page when it is gone.</summary>
    public void Forget(string job)
    {
        TargetLimit.Remove(job);
        Targets.Remove(job);
        Syncs.Remove(job);
        SyncLength.Remove(job);
        SyncFailed.Remove(job);
    }

    private static IEnumerable<Observation> ByJob(ScrapeBoard board, Func<IReadOnlyList<FamilyMetadata>, double> measure)
    {
        return board.Metadata().GroupBy(static target => target.Target.Pool)
            .Select(job => new Observation(job.Sum(target => measure(target.Families)), job.Key));
    }
}
