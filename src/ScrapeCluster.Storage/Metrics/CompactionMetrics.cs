using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Blocks;

namespace ScrapeCluster.Storage.Metrics;

/// <summary>What compaction counts, and what there is of blocks, under Prometheus's names.</summary>
internal sealed class CompactionMetrics
{
    private static readonly double[] Durations = [.. Enumerable.Range(0, 14).Select(step => Math.Pow(2, step))];

    public CompactionMetrics(MetricsRegistry registry, Func<BlockFolder?> folder)
    {
        Triggered = registry.Counter("prometheus_tsdb_compactions_triggered_total", "Total number of triggered compactions for the partition.");
        Compactions = registry.Counter("prometheus_tsdb_compactions_total", "Total number of compactions that were executed for the partition.");
        Failed = registry.Counter("prometheus_tsdb_compactions_failed_total", "Total number of compactions that failed for the partition.");
        Overlapping = registry.Counter("prometheus_tsdb_vertical_compactions_total", "Total number of compactions done on overlapping blocks.");
        Seconds = registry.Histogram("prometheus_tsdb_compaction_duration_seconds", "Duration of compaction runs.", Durations);
        TimeRetentions = registry.Counter(
            "prometheus_tsdb_time_retentions_total", "The number of times that blocks were deleted because the maximum time limit was exceeded.");
        SizeRetentions = registry.Counter(
            "prometheus_tsdb_size_retentions_total", "The number of times that blocks were deleted because the maximum number of bytes was exceeded.");
        registry.GaugeCallback("prometheus_tsdb_blocks_loaded", "Number of currently loaded data blocks.", () => folder()?.Blocks.Count ?? 0);
        registry.GaugeCallback(
            "prometheus_tsdb_storage_blocks_bytes", "The number of bytes that are currently used for local storage by all blocks.", () => folder()?.Bytes ?? 0);
        registry.GaugeCallback("scrapecluster_blocks_bad", "Folders that are named like a block and cannot be opened as one, or not be removed.", () => folder()?.Bad.Count ?? 0);
    }

    public Counter Triggered { get; }

    public Counter Compactions { get; }

    public Counter Failed { get; }

    public Counter Overlapping { get; }

    public Histogram Seconds { get; }

    public Counter TimeRetentions { get; }

    public Counter SizeRetentions { get; }
}
