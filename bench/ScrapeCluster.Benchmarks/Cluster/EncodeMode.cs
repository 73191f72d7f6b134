using System.Globalization;
using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model;

namespace ScrapeCluster.Benchmarks.Cluster;

/// <summary><c>encode [targets]</c>: what the leader pays to store a large job, and one label of one of its targets that changes.</summary>
internal static class EncodeMode
{
    private const int Nodes = 10;
    private const int Rounds = 5;

    public static void Run(int targets)
    {
        var count = BucketCounts.Next(0, targets, targets, (double)targets / Nodes);
        var (before, after, same) = (Job(targets, changed: -1), Job(targets, changed: targets / 2), Job(targets, changed: -1));
        var stored = JobEncoder.Encode(before, count, last: null);
        var bytes = stored.Buckets.Sum(bucket => (long)bucket.Set.Packed.Length);
        Say($"{targets} targets in {count} buckets, {bytes / 1e6:F2} MB packed; one label of one target changes");
        Say("");
        Say("| encoded | CPU | allocated | buckets to write | bytes to write |");
        Say("|---|---|---|---|---|");
        Measure("whole job", stored, () => JobEncoder.Encode(after, count, last: null));
        Measure("what changed", stored, () => JobEncoder.Encode(after, count, stored));
        Measure("nothing changed", stored, () => JobEncoder.Encode(same, count, stored));
    }

    private static void Measure(string name, EncodedJob stored, Func<EncodedJob> encode)
    {
        var made = encode();
        var (cpu, allocated) = (TimeSpan.MaxValue, 0L);
        for (var round = 0; round < Rounds; round++)
        {
            var start = Environment.CpuUsage.TotalTime;
            var heap = GC.GetAllocatedBytesForCurrentThread();
            made = encode();
            allocated = GC.GetAllocatedBytesForCurrentThread() - heap;
            var took = Environment.CpuUsage.TotalTime - start;
            cpu = took < cpu ? took : cpu;
        }

        var written = made.Buckets.Where((bucket, number) => bucket.Set.Checksum != stored.Buckets[number].Set.Checksum).ToList();
        Say(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {cpu.TotalMilliseconds:F1} ms | {allocated / 1e6:F1} MB | {written.Count} | {written.Sum(bucket => bucket.Set.Packed.Length)} |"));
    }

    /// <summary>All objects are new, as the manager makes them at each sync.</summary>
    private static JobTargets Job(int targets, int changed)
    {
        return new JobTargets("pods", [.. Enumerable.Range(0, targets).Select(number => Target(number, number == changed ? "2.0" : "1.0"))], null);
    }

    private static ScrapeTarget Target(int number, string version)
    {
        var address = $"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}:9100";
        var (pod, node) = ($"shop-{number / 50}-{number:x8}", $"node-{number / 30}");
        return new ScrapeTarget
        {
            Labels = Labels.Of(("instance", address), ("job", "pods"), ("namespace", $"shop-{number / 50}"), ("node", node), ("pod", pod), ("version", version)),
            AllLabels = Labels.Of(
                ("__address__", address), ("__metrics_path__", "/metrics"), ("__scheme__", "http"), ("__scrape_interval__", "15s"), ("__scrape_timeout__", "10s"),
                ("instance", address), ("job", "pods"), ("namespace", $"shop-{number / 50}"), ("node", node), ("pod", pod), ("version", version)),
            DiscoveredLabels = Labels.Of(
                ("__address__", address), ("__meta_kubernetes_namespace", $"shop-{number / 50}"), ("__meta_kubernetes_pod_host_ip", $"192.168.{number / 7680}.{number / 30 % 256}"),
                ("__meta_kubernetes_pod_label_version", version), ("__meta_kubernetes_pod_name", pod), ("__meta_kubernetes_pod_node_name", node),
                ("__meta_kubernetes_pod_ready", "true"), ("__metrics_path__", "/metrics"), ("__scheme__", "http"), ("job", "pods")),
            Url = $"http://{address}/metrics",
            Interval = TimeSpan.FromSeconds(15),
            Timeout = TimeSpan.FromSeconds(10),
            // Odd multiplier: a permutation, spread like the hash of labels.
            Hash = unchecked((ulong)number * 0x9E37_79B9_7F4A_7C15),
        };
    }

    private static void Say(string line) => Console.WriteLine(line);
}
