using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Opening;

namespace ScrapeCluster.Storage.Agent;

/// <summary>An agent's numbers on the metrics page, under Prometheus's names (tsdb/agent/db.go).</summary>
internal sealed class AgentCounters
{
    private static readonly double[] Quantiles = [0.5, 0.9, 0.99];

    private readonly Summary _truncateSeconds;
    private readonly Gauge _replaySeconds;
    private int _pendingDeletion;

    public AgentCounters(MetricsRegistry registry, AgentSeries series, PassedEntries passed, Func<int> segment)
    {
        _truncateSeconds = registry.Summary("prometheus_agent_truncate_duration_seconds", "Duration of WAL truncation.", Quantiles);
        registry.CounterCallback("prometheus_agent_corruptions_total", "Total number of WAL corruptions.", () => Storage.WalCorruptions);
        _replaySeconds = registry.Gauge("prometheus_agent_data_replay_duration_seconds", "Time taken to replay the data on disk.");
        registry.GaugeCallback("prometheus_agent_active_series", "Number of active series being tracked by the WAL storage", () => series.Count);
        registry.GaugeCallback("prometheus_agent_deleted_series", "Number of series pending deletion from the WAL", () => PendingDeletion);
        registry.Callback(
            MetricType.Counter,
            "prometheus_agent_samples_appended_total",
            "Total number of samples appended to the storage",
            ["type"],
            () => [new Observation(Storage.Appended, "float")]);
        registry.CounterCallback(
            "prometheus_agent_out_of_order_samples_total", "Total number of out of order samples ingestion failed attempts.", () => Storage.OutOfOrder);
        registry.CounterCallback(
            "prometheus_agent_checkpoint_creations_total",
            "Total number of checkpoint creations attempted.",
            () => Storage.WalTruncations + Storage.WalTruncationsFailed);
        registry.CounterCallback(
            "prometheus_agent_checkpoint_creations_failed_total", "Total number of checkpoint creations that failed.", () => Storage.WalTruncationsFailed);
        registry.GaugeCallback("prometheus_tsdb_wal_segment_current", "Write log segment index that TSDB is currently writing to.", () => segment());
        registry.CounterCallback("prometheus_tsdb_wal_writes_failed_total", "Total number of write log writes that failed.", () => Storage.WalWritesFailed);
        registry.CounterCallback(
            "scrapecluster_wal_dropped_records_total", "Records of unknown kinds that went with the log behind a checkpoint.", () => Storage.WalDroppedRecords);
        Metrics.OpeningMetrics.Register(registry, passed);
    }

    public StorageCounters Storage { get; } = new();

    /// <summary>Series that are forgotten while segments still hold samples of them.</summary>
    public int PendingDeletion { get => Volatile.Read(ref _pendingDeletion); set => Volatile.Write(ref _pendingDeletion, value); }

    public void Truncated(TimeSpan duration) => _truncateSeconds.Observe(duration.TotalSeconds);

    public void Replayed(double seconds) => _replaySeconds.Set(seconds);
}
