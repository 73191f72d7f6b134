using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Storage.Metrics;

/// <summary>Puts the storage's numbers on the metrics page, under Prometheus's names. They are read when the page is asked for.</summary>
internal static class StorageMetrics
{
    public static void Register(MetricsRegistry registry, HeadBlock head, StorageQuery query, StorageCounters counters, Func<int> segment)
    {
        registry.GaugeCallback("prometheus_tsdb_head_series", "Total number of series in the head block.", () => head.SeriesCount);
        registry.CounterCallback("prometheus_tsdb_head_series_created_total", "Total number of series created in the head.", () => head.SeriesCreated);
        registry.CounterCallback("prometheus_tsdb_head_series_removed_total", "Total number of series removed in the head.", () => head.SeriesRemoved);
        registry.GaugeCallback("prometheus_tsdb_head_chunks", "Total number of chunks in the head block.", () => head.ChunkCount);
        registry.GaugeCallback("prometheus_tsdb_head_min_time", "Minimum time bound of the head block.", () => head.MinTimeMs);
        registry.GaugeCallback("prometheus_tsdb_head_max_time", "Maximum timestamp of the head block.", () => head.MaxTimeMs);
        registry.GaugeCallback("prometheus_tsdb_head_chunks_storage_size_bytes", "Size of the chunks_head directory.", () => head.Files?.Bytes ?? 0);
        registry.GaugeCallback("scrapecluster_head_chunk_bytes", "Memory of chunk blocks in use.", () => head.Blocks.UsedBytes);
        registry.GaugeCallback("scrapecluster_head_chunk_allocated_bytes", "Memory of chunk blocks, used or free.", () => head.Blocks.AllocatedBytes);
        registry.GaugeCallback("scrapecluster_storage_open_reads", "Reads that go on now; what they read from leaves memory and disk after them.", () => query.Pending.Count);
        Floats(registry, "prometheus_tsdb_head_samples_appended_total", "Total number of appended samples.", () => counters.Appended);
        Floats(registry, "prometheus_tsdb_out_of_order_samples_total", "Total number of out of order samples ingestion failed attempts.", () => counters.OutOfOrder);
        Floats(registry, "prometheus_tsdb_out_of_bound_samples_total", "Total number of out of bound samples ingestion failed attempts.", () => counters.OutOfBounds);
        registry.CounterCallback("prometheus_tsdb_head_truncations_total", "Total number of head truncations attempted.", () => counters.HeadTruncations);
        registry.GaugeCallback("prometheus_tsdb_wal_segment_current", "Write log segment index that TSDB is currently writing to.", () => segment());
        registry.CounterCallback("prometheus_tsdb_wal_writes_failed_total", "Total number of write log writes that failed.", () => counters.WalWritesFailed);
        registry.CounterCallback(
            "scrapecluster_wal_dropped_records_total", "Records of unknown kinds that went with the log behind a checkpoint.", () => counters.WalDroppedRecords);
        registry.CounterCallback("prometheus_tsdb_wal_corruptions_total", "Total number of WAL corruptions.", () => counters.WalCorruptions);
        registry.CounterCallback("prometheus_tsdb_wal_truncations_total", "Total number of write log truncations attempted.", () => counters.WalTruncations + counters.WalTruncationsFailed);
        registry.CounterCallback("prometheus_tsdb_wal_truncations_failed_total", "Total number of write log truncations that failed.", () => counters.WalTruncationsFailed);
    }

    private static void Floats(MetricsRegistry registry, string name, string help, Func<double> read)
    {
        registry.Callback(MetricType.Counter, name, help, ["type"], () => [new Observation(read(), "float")]);
    }
}
