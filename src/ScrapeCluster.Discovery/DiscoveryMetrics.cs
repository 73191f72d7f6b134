using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Discovery;

/// <summary>Discovery's metrics, under Prometheus's names; <c>name</c> is always the discovery for scraping.</summary>
internal sealed class DiscoveryMetrics(MetricsRegistry registry)
{
    private const string Scrape = "scrape";

    private readonly MetricFamily<Gauge> _targets = registry.Gauges(
        "prometheus_sd_discovered_targets", "Current number of discovered targets.", "name", "config");

    public Counter Received { get; } = registry.Counters(
        "prometheus_sd_received_updates_total", "Total number of update events received from the SD providers.", "name").With(Scrape);

    public Counter Sent { get; } = registry.Counters(
        "prometheus_sd_updates_total", "Total number of update events sent to the SD consumers.", "name").With(Scrape);

    public Counter Delayed { get; } = registry.Counters(
        "prometheus_sd_updates_delayed_total", "Total number of update events that couldn't be sent immediately.", "name").With(Scrape);

    public Counter FileReadErrors { get; } = registry.Counter(
        "prometheus_sd_file_read_errors_total", "The number of File-SD read errors.");

    public Counter FileWatcherErrors { get; } = registry.Counter(
        "prometheus_sd_file_watcher_errors_total", "The number of File-SD errors caused by filesystem watch failures.");

    public Counter HttpFailures { get; } = registry.Counter(
        "prometheus_sd_http_failures_total", "Number of HTTP service discovery refresh failures.");

    public Summary FileScans { get; } = registry.Summary(
        "prometheus_sd_file_scan_duration_seconds", "The duration of the File-SD scan in seconds.", [0.5, 0.9, 0.99]);

    public MetricFamily<Gauge> FileTimes { get; } = registry.Gauges(
        "prometheus_sd_file_mtime_seconds", "Timestamp (mtime) of files read by FileSD. Timestamp is set at read time.", "filename");

    public void SetTargets(string job, int count) => _targets.With(Scrape, job).Set(count);

    public void RemoveJob(string job) => _targets.Remove(Scrape, job);
}
