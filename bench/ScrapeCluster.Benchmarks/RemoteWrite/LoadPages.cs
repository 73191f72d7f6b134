using System.Globalization;
using ScrapeCluster.Model;

namespace ScrapeCluster.Benchmarks.RemoteWrite;

/// <summary>
/// Samples of synthetic exporters: ten families a target, five labels a series, and job and instance on top; half of the values never change, four in ten are
/// counters and the rest is noise. Then what the scraper adds.
/// </summary>
/// <param name="ownPaths">Each series of a target has a path of its own, as those of the load generator of the side-by-side runs; else the families share a tenth as many.</param>
internal sealed class LoadPages(int series, bool ownPaths)
{
    private static readonly string[] Names =
    [
        "app_requests_total", "app_request_duration_milliseconds_count", "app_response_body_size_bytes_sum", "container_memory_working_set_bytes", "cluster_pod_container_status_restarts",
        "disk_io_time_weighted_seconds_total", "filesystem_available_inodes", "network_interface_receive_bytes_total", "queue_consumer_lag_messages", "runtime_heap_segment_live_bytes",
    ];

    private static readonly string[] Own = ["up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added"];

    private readonly int _ofFamily = series / Names.Length;

    public int Count => (_ofFamily * Names.Length) + Own.Length;

    public static IEnumerable<(string Name, MetricMetadata Metadata)> Families() =>
        Names.Select((name, i) => (name, new MetricMetadata(i % 3 == 0 ? MetricType.Counter : MetricType.Gauge, "One of the synthetic families of the load generator.", "")));

    public IEnumerable<Labels> LabelsOf(int target)
    {
        var instance = string.Create(CultureInfo.InvariantCulture, $"target-{target}");
        for (var i = 0; i < _ofFamily * Names.Length; i++)
        {
            yield return Labels.Of(
                ("__name__", Names[i / _ofFamily]), ("shard", $"s{i % 8}"), ("path", $"/api/v2/items/{(ownPaths ? i : i % _ofFamily)}"), ("verb", i % 2 == 0 ? "PUT" : "GET"),
                ("status", $"{200 + (i % 4 * 100)}"), ("region", $"north-{i % 3}"), ("instance", instance), ("job", "load"));
        }

        foreach (var name in Own)
        {
            yield return Labels.Of(("__name__", name), ("instance", instance), ("job", "load"));
        }
    }

    public IEnumerable<double> ValuesOf(int target, int scrape)
    {
        var seed = unchecked((uint)((target * 7919) + 1));
        for (var i = 0; i < _ofFamily * Names.Length; i++)
        {
            seed = unchecked((seed * 1664525) + 1013904223);
            var random = seed >> 8;
            yield return (random % 10) switch
            {
                < 5 => random % 100_000,
                < 9 => (random % 100_000) + ((ulong)scrape * (1 + (random % 50))),
                _ => Math.Round(((random * 2_654_435_761ul) + ((ulong)scrape * 97)) % 1_000_003 / 997.0, 6),
            };
        }

        yield return 1;
        yield return 0.001 + ((seed >> 16) / 1e8);
        yield return series;
        yield return series;
        yield return scrape == 1 ? series : 0;
    }
}
