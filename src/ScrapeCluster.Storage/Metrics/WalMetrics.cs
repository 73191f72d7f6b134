using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Metrics;

/// <summary>What the log's writer and its flushing thread count, under Prometheus's names.</summary>
internal sealed class WalMetrics(MetricsRegistry registry, TimeProvider time)
{
    private static readonly double[] Quantiles = [0.5, 0.9, 0.99];

    private readonly Summary _fsyncs = registry.Summary("prometheus_tsdb_wal_fsync_duration_seconds", "Duration of write log fsync.", Quantiles);
    private readonly Counter _fsyncsFailed = registry.Counter("scrapecluster_wal_fsyncs_failed_total", "Total number of write log fsyncs that failed: a power cut may then lose what they covered.");
    private readonly Counter _pageFlushes = registry.Counter("prometheus_tsdb_wal_page_flushes_total", "Total number of page flushes.");
    private readonly Counter _completedPages = registry.Counter("prometheus_tsdb_wal_completed_pages_total", "Total number of completed pages.");

    /// <summary>Forces the file to the disk; a try that fails took its time, too.</summary>
    public void Fsync(IDataFile file)
    {
        var start = time.GetTimestamp();
        try
        {
            file.FlushToDisk();
        }
        catch
        {
            _fsyncsFailed.Inc();
            throw;
        }
        finally
        {
            _fsyncs.Observe(time.GetElapsedTime(start).TotalSeconds);
        }
    }

    /// <summary>Bytes <paramref name="from"/> up to <paramref name="to"/> of a segment were written.</summary>
    public void Wrote(long from, long to)
    {
        if (to > from)
        {
            _pageFlushes.Add(((to - 1) / WalFormat.PageSize) - (from / WalFormat.PageSize) + 1);
            _completedPages.Add((to / WalFormat.PageSize) - (from / WalFormat.PageSize));
        }
    }
}
