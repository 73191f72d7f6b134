using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Metrics;

/// <summary>What of the log stays for remote write, and what it lost. No queue as a label: a segment belongs to all of them, and theirs are told by remote write.</summary>
internal sealed class OwedMetrics
{
    private readonly Gauge _segments;
    private readonly Gauge _bytes;
    private readonly MetricFamily<Counter> _droppedSegments;
    private readonly MetricFamily<Counter> _droppedBytes;

    public OwedMetrics(MetricsRegistry registry)
    {
        _segments = registry.Gauge(
            "scrapecluster_wal_owed_segments", "Segments of the write-ahead log from the lowest one on that a remote_write has still to send, as of the last look.");
        _bytes = registry.Gauge("scrapecluster_wal_owed_bytes", "Bytes of these segments: what the limit of owed bytes is compared with.");
        _droppedSegments = registry.Counters(
            "scrapecluster_wal_owed_dropped_segments_total", "Segments that went before every remote_write had sent them, by the limit that they passed.", "reason");
        _droppedBytes = registry.Counters("scrapecluster_wal_owed_dropped_bytes_total", "Bytes of these segments.", "reason");
        foreach (var reason in Enum.GetValues<OwedSurplus>())
        {
            Dropped(reason, 0, 0);
        }
    }

    public void Owed(int segments, long bytes)
    {
        _segments.Set(segments);
        _bytes.Set(bytes);
    }

    public void Dropped(OwedSurplus reason, int segments, long bytes)
    {
        var label = reason switch
        {
            OwedSurplus.TooMuch => "size",
            OwedSurplus.TooOld => "age",
            OwedSurplus.OverRetention => "retention_size",
            _ => "disk_full",
        };
        _droppedSegments.With(label).Add(segments);
        _droppedBytes.With(label).Add(bytes);
    }
}
