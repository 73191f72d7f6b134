using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;

namespace ScrapeCluster.RemoteWrite;

/// <summary>
/// The families of <c>prometheus_remote_storage_*</c> and <c>prometheus_wal_watcher_*</c> that Prometheus 2.42 and 3 have (storage/remote/queue_manager.go, write.go,
/// tsdb/wlog/watcher.go); every queue has its children in them. Exemplars and native histograms are not stored here, so theirs stay 0.
/// </summary>
internal sealed class RemoteWriteMetrics
{
    private static readonly string[] QueueLabels = ["remote_name", "url"];
    private static readonly string[] DropLabels = ["remote_name", "url", "reason"];
    private static readonly double[] SendBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300];

    private readonly MetricsRegistry _registry;

    public RemoteWriteMetrics(MetricsRegistry registry, AppendedSamples appended)
    {
        _registry = registry;
        Appended = appended;
        SamplesTotal = Counters("samples_total", "Total number of samples sent to remote storage.");
        SamplesFailed = Counters("samples_failed_total", "Total number of samples which failed on send to remote storage, non-recoverable errors.");
        SamplesRetried = Counters(
            "samples_retried_total", "Total number of samples which failed on send to remote storage but were retried because the send error was recoverable.");
        SamplesDropped = registry.Counters(
            "prometheus_remote_storage_samples_dropped_total",
            "Total number of samples which were dropped after being read from the WAL before being sent via remote write, either via relabelling, due to being too old or unintentionally because of an unknown reference ID.",
            DropLabels);
        SamplesPending = Gauges("samples_pending", "The number of samples pending in the queues shards to be sent to the remote storage.");
        EnqueueRetries = Counters("enqueue_retries_total", "Total number of times enqueue has failed because a shards queue was full.");
        Shards = Gauges("shards", "The number of shards used for parallel sending to the remote storage.");
        ShardsMin = Gauges("shards_min", "The minimum number of shards that the queue is allowed to run.");
        ShardsMax = Gauges("shards_max", "The maximum number of shards that the queue is allowed to run.");
        ShardsDesired = Gauges(
            "shards_desired", "The number of shards that the queues shard calculation wants to run based on the rate of samples in vs. samples out.");
        ShardCapacity = Gauges("shard_capacity", "The capacity of each shard of the queue used for parallel sending to the remote storage.");
        MaxSamplesPerSend = Gauges("max_samples_per_send", "The maximum number of samples to be sent, in a single request, to the remote storage.");
        HighestSent = Gauges(
            "queue_highest_sent_timestamp_seconds",
            "Timestamp from a WAL sample, the highest timestamp successfully sent by this queue, in seconds since epoch.");
        HighestRead = Gauges("queue_highest_timestamp_seconds", "Highest timestamp that was enqueued, in seconds since epoch.");
        Bytes = Counters("bytes_total", "The total number of bytes of data (not metadata) sent by the queue after compression.");
        SendSeconds = registry.Histograms(
            "prometheus_remote_storage_sent_batch_duration_seconds", "Duration of send calls to the remote storage.", SendBounds, QueueLabels);
        MetadataTotal = Counters("metadata_total", "Total number of metadata sent to remote storage.");
        MetadataFailed = Counters("metadata_failed_total", "Total number of metadata entries which failed on send to remote storage, non-recoverable errors.");
        MetadataRetried = Counters(
            "metadata_retried_total",
            "Total number of metadata entries which failed on send to remote storage but were retried because the send error was recoverable.");
        MetadataBytes = Counters("metadata_bytes_total", "The total number of bytes of metadata sent by the queue after compression.");
        RepeatsRefused = registry.Counters(
            "scrapecluster_remote_write_repeats_refused_total",
            "Samples that were sent again after a stop and refused by the receiver, which has them.",
            QueueLabels);
        LostSegments = registry.Counters(
            "scrapecluster_remote_write_lost_segments_total", "Segments of the write-ahead log that were removed before the queue had sent them.", QueueLabels);
        StoodIn = registry.Counters(
            "scrapecluster_remote_write_stood_in_samples_total",
            "Samples of a stand-in (slot 1) that were sent since the primary's scrape failed, was missed, or its node is gone; with remote-write.replicas = primary.",
            QueueLabels);
        ReplicaScrapesKept = registry.Gauges(
            "scrapecluster_remote_write_replica_scrapes_kept",
            "Scrapes of replicated targets that wait for word of the other slot, or are kept until the receiver has the primary's; with remote-write.replicas = primary.",
            QueueLabels);
        RecordsRead = registry.Counters(
            "prometheus_wal_watcher_records_read_total", "Number of records read by the WAL watcher from the WAL.", "consumer", "type");
        UnreadableRecords = registry.Counters(
            "prometheus_wal_watcher_record_decode_failures_total", "Number of records read by the WAL watcher that resulted in an error when decoding.", "consumer");
        OwedAtStart = registry.Counters(
            "prometheus_wal_watcher_samples_sent_pre_tailing_total",
            "Number of sample records read by the WAL watcher and sent to remote write during replay of existing WAL.",
            "consumer");
        CurrentSegment = registry.Gauges(
            "prometheus_wal_watcher_current_segment", "Current segment the WAL watcher is reading records from.", "consumer");
        Unsupported = [.. ((string[])["exemplars", "histograms"]).SelectMany(UnsupportedOf)];
        UnsupportedDropped = [.. ((string[])["exemplars", "histograms"]).Select(kind => registry.Counters(
            $"prometheus_remote_storage_{kind}_dropped_total", $"Total number of {kind} which were dropped after being read from the WAL before being sent via remote write.", DropLabels))];
        UnsupportedPending = [.. ((string[])["exemplars", "histograms"]).Select(kind =>
            Gauges($"{kind}_pending", $"The number of {kind} pending in the queues shards to be sent to the remote storage."))];
        RegisterIncoming();
    }

    public AppendedSamples Appended { get; }

    public MetricFamily<Counter> SamplesTotal { get; }

    public MetricFamily<Counter> SamplesFailed { get; }

    public MetricFamily<Counter> SamplesRetried { get; }

    public MetricFamily<Counter> SamplesDropped { get; }

    public MetricFamily<Gauge> SamplesPending { get; }

    public MetricFamily<Counter> EnqueueRetries { get; }

    public MetricFamily<Gauge> Shards { get; }

    public MetricFamily<Gauge> ShardsMin { get; }

    public MetricFamily<Gauge> ShardsMax { get; }

    public MetricFamily<Gauge> ShardsDesired { get; }

    public MetricFamily<Gauge> ShardCapacity { get; }

    public MetricFamily<Gauge> MaxSamplesPerSend { get; }

    public MetricFamily<Gauge> HighestSent { get; }

    public MetricFamily<Gauge> HighestRead { get; }

    public MetricFamily<Counter> Bytes { get; }

    public MetricFamily<Histogram> SendSeconds { get; }

    public MetricFamily<Counter> MetadataTotal { get; }

    public MetricFamily<Counter> MetadataFailed { get; }

    public MetricFamily<Counter> MetadataRetried { get; }

    public MetricFamily<Counter> MetadataBytes { get; }

    public MetricFamily<Counter> RepeatsRefused { get; }

    public MetricFamily<Counter> StoodIn { get; }

    public MetricFamily<Gauge> ReplicaScrapesKept { get; }

    public MetricFamily<Counter> LostSegments { get; }

    public MetricFamily<Counter> RecordsRead { get; }

    public MetricFamily<Counter> UnreadableRecords { get; }

    public MetricFamily<Counter> OwedAtStart { get; }

    public MetricFamily<Gauge> CurrentSegment { get; }

    /// <summary>Families of what is not stored here.</summary>
    public IReadOnlyList<MetricFamily<Counter>> Unsupported { get; }

    public IReadOnlyList<MetricFamily<Counter>> UnsupportedDropped { get; }

    public IReadOnlyList<MetricFamily<Gauge>> UnsupportedPending { get; }

    private IEnumerable<MetricFamily<Counter>> UnsupportedOf(string kind) =>
    [
        Counters($"{kind}_total", $"Total number of {kind} sent to remote storage."),
        Counters($"{kind}_failed_total", $"Total number of {kind} which failed on send to remote storage, non-recoverable errors."),
        Counters($"{kind}_retried_total", $"Total number of {kind} which failed on send to remote storage but were retried because the send error was recoverable."),
    ];

    /// <summary>Those without a queue: what Prometheus's rules compare the queues' with.</summary>
    private void RegisterIncoming()
    {
        _registry.GaugeCallback(
            "prometheus_remote_storage_highest_timestamp_in_seconds",
            "Highest timestamp that has come into the remote storage, in seconds since epoch.",
            () => Appended.HighestMs / 1000.0);
        _registry.CounterCallback(
            "prometheus_remote_storage_samples_in_total", "Samples in to remote storage, compare to samples out for queue managers.", () => Appended.Count);
        _registry.CounterCallback(
            "prometheus_remote_storage_exemplars_in_total", "Exemplars in to remote storage, compare to exemplars out for queue managers.", () => 0);
        _registry.CounterCallback(
            "prometheus_remote_storage_histograms_in_total", "HistogramSamples in to remote storage, compare to histograms out for queue managers.", () => 0);
    }

    private MetricFamily<Counter> Counters(string name, string help) => _registry.Counters($"prometheus_remote_storage_{name}", help, QueueLabels);

    private MetricFamily<Gauge> Gauges(string name, string help) => _registry.Gauges($"prometheus_remote_storage_{name}", help, QueueLabels);
}
