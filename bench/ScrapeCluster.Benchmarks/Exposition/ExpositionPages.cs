using System.Globalization;
using System.Text;

namespace ScrapeCluster.Benchmarks.Exposition;

/// <summary>A synthetic page like the load generator's: ten families, lines of about 115 bytes, half of the values constant, the others counters and gauges.</summary>
internal static class ExpositionPages
{
    private static readonly string[] Families =
    [
        "node_cpu_seconds_total", "http_requests_total", "http_request_duration_seconds_bucket", "container_memory_working_set_bytes", "go_gc_duration_seconds",
        "process_resident_memory_bytes", "grpc_server_handled_total", "kube_pod_status_phase", "etcd_disk_wal_fsync_duration_seconds_bucket", "node_filesystem_avail_bytes",
    ];

    public static byte[] Make(int series, int round, int seriesPerFamily = 100)
    {
        var random = new Random(1);
        var page = new StringBuilder();
        for (var i = 0; i < series; i++)
        {
            var family = Families[i / seriesPerFamily % Families.Length];
            if (i % seriesPerFamily == 0)
            {
                page.Append(CultureInfo.InvariantCulture, $"# HELP {family} A synthetic family used to load the scraper.\n# TYPE {family} gauge\n");
            }

            var r = random.Next(100_000);
            page.Append(CultureInfo.InvariantCulture, $"{family}{{mode=\"m{i % 8}\",handler=\"/api/v1/resource/{i % 100}\",method=\"{(i % 2 == 0 ? "GET" : "POST")}\",");
            page.Append(CultureInfo.InvariantCulture, $"code=\"{200 + (i % 5 * 100)}\",zone=\"eu-west-1{(char)('a' + (i % 3))}\"}} ");
            _ = (r % 10) switch
            {
                < 5 => page.Append(r),
                < 9 => page.Append(r + (round * (1L + (r % 50)))),
                _ => page.Append(((r * 2654435761L) + (round * 97)) % 1_000_003 / 997.0),
            };
            page.Append('\n');
        }

        return Encoding.UTF8.GetBytes(page.ToString());
    }
}
