using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.RemoteWrite;

/// <summary>The families of <c>prometheus_remote_storage_*</c>; every queue has its children in them.</summary>
internal sealed class RemoteWriteMetrics(MetricsRegistry registry)
{
    private static readonly string[] QueueLabels = ["remote_name", "url"];
    private static readonly string[] DropLabels = ["remote_name", "url", "reason"];
    private static readonly double[] SendBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300];

    public MetricFamily<Counter> SamplesTotal { get; } = Counters(registry, "samples_total", "Total number of samples sent to remote storage.");

    public MetricFamily<Counter> SamplesFailed { get; } =
        Counters(registry, "samples_failed_total", "Total number of samples which failed on send to remote storage, non-recoverable errors.");

    public MetricFamily<Counter> SamplesRetried { get; } =
        Counters(registry, "samples_retried_total", "Total number of samples which failed on send to remote storage but were retried because the send error was recoverable.");

    public MetricFamily<Counter> SamplesDropped { get; } = registry.Counters(
        "prometheus_remote_storage_samples_dropped_total",
        "Total number of samples which were dropped after being read from the WAL before being sent via remote write, either via relabelling, due to being too old or unintentionally because of an unknown reference ID.",
        DropLabels);

    public MetricFamily<Gauge> SamplesPending { get; } =
        Gauges(registry, "samples_pending", "The number of samples pending in the queues shards to be sent to the remote storage.");

    public MetricFamily<Counter> EnqueueRetries { get; } =
        Counters(registry, "enqueue_retries_total", "Total number of times enqueue has failed because a shards queue was full.");

    public MetricFamily<Gauge> Shards { get; } =
        Gauges(registry, "shards", "The number of shards used for parallel sending to the remote storage.");

    public MetricFamily<Gauge> ShardsMin { get; } = Gauges(registry, "shards_min", "The minimum number of shards that the queue is allowed to run.");

    public MetricFamily<Gauge> ShardsMax { get; } = Gauges(registry, "shards_max", "The maximum number of shards that the queue is allowed to run.");

    public MetricFamily<Gauge> ShardCapacity { get; } =
        Gauges(registry, "shard_capacity", "The capacity of each shard of the queue used for parallel sending to the remote storage.");

    public MetricFamily<Gauge> MaxSamplesPerSend { get; } =
        Gauges(registry, "max_samples_per_send", "The maximum number of samples to be sent, in a single request, to the remote storage.");

    public MetricFamily<Gauge> HighestSent { get; } = Gauges(
        registry,
        "queue_highest_sent_timestamp_seconds",
        "Timestamp from a WAL sample, the highest timestamp successfully sent by this queue, in seconds since epoch.");

    public MetricFamily<Gauge> HighestRead { get; } = Gauges(
        registry,
        "queue_highest_timestamp_seconds",
        "Highest timestamp that was enqueued, in seconds since epoch.");

    /// <summary>One for all queues: what Prometheus's rules compare <see cref="HighestSent"/> with.</summary>
    public Gauge HighestIn { get; } = registry.Gauge(
        "prometheus_remote_storage_highest_timestamp_in_seconds",
        "Highest timestamp that has come into the remote storage, in seconds since epoch.");

    public MetricFamily<Counter> Bytes { get; } =
        Counters(registry, "bytes_total", "The total number of bytes of data (not metadata) sent by the queue after compression.");

    public MetricFamily<Histogram> SendSeconds { get; } = registry.Histograms(
        "prometheus_remote_storage_sent_batch_duration_seconds", "Duration of send calls to the remote storage.", SendBounds, QueueLabels);

    public MetricFamily<Counter> MetadataTotal { get; } = Counters(registry, "metadata_total", "Total number of metadata sent to remote storage.");

    public MetricFamily<Counter> MetadataFailed { get; } =
        Counters(registry, "metadata_failed_total", "Total number of metadata entries which failed on send to remote storage, non-recoverable errors.");

    public MetricFamily<Counter> MetadataRetried { get; } = Counters(
        registry,
        "metadata_retried_total",
        "Total number of metadata entries which failed on send to remote storage but were retried because the send error was recoverable.");

    public MetricFamily<Counter> RecordsRead { get; } = registry.Counters(
        "prometheus_wal_watcher_records_read_total", "Number of records read by the WAL watcher from the WAL.", "consumer", "type");

    public MetricFamily<Gauge> CurrentSegment { get; } = registry.Gauges(
        "prometheus_wal_watcher_current_segment", "Current segment the WAL watcher is reading records from.", "consumer");

    private static MetricFamily<Counter> Counters(MetricsRegistry registry, string name, string help) =>
        registry.Counters($"prometheus_remote_storage_{name}", help, QueueLabels);

    private static MetricFamily<Gauge> Gauges(MetricsRegistry registry, string name, string help) =>
        registry.Gauges($"prometheus_remote_storage_{name}", help, QueueLabels);
}
