using System.Diagnostics;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Benchmarks.Storage;

/// <summary>What a million series with an hour's tenth of samples take in memory: run with <c>head-memory [series] [samples]</c>.</summary>
internal static class HeadMemory
{
    public static void Run(int seriesCount, int samples)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var head = new HeadBlock();
        var watch = Stopwatch.StartNew();
        var rows = new uint[seriesCount];
        for (var i = 0; i < seriesCount; i++)
        {
            rows[i] = head.FindOrCreate(SeriesOf(i), out _);
        }

        var created = watch.Elapsed;
        var afterSeries = GC.GetTotalMemory(forceFullCollection: true) - before - (rows.Length * sizeof(uint));
        watch.Restart();
        var random = new Random(1);
        for (var round = 1; round <= samples; round++)
        {
            for (var i = 0; i < seriesCount; i++)
            {
                var value = (i % 10) switch { < 5 => i, < 9 => (i % 100_000) + (round * (1.0 + (i % 50))), _ => random.Next(1_000_003) / 997.0 };
                head.Append(rows[i], round * 10_000L, value);
            }
        }

        var appended = watch.Elapsed;
        var after = GC.GetTotalMemory(forceFullCollection: true) - before - (rows.Length * sizeof(uint));
        watch.Restart();
        var found = new StorageQuery(head, (_, _) => []).Series([LabelMatcher.Equal("instance", "t5")]).Count();
        Console.WriteLine(
            $"{seriesCount} series made in {created.TotalSeconds:F2} s, {afterSeries / (double)seriesCount:F0} bytes each; "
            + $"{(long)samples * seriesCount / appended.TotalSeconds / 1e6:F1} M samples/s; with {samples} samples {after / (double)seriesCount:F0} bytes each "
            + $"({head.Blocks.UsedBytes / (double)seriesCount:F0} of them chunk blocks); {found} series found in {watch.Elapsed.TotalMilliseconds:F1} ms");
    }

    private static Labels SeriesOf(int i) => Labels.Of(
        ("__name__", $"http_request_duration_seconds_{i % 10}"),
        ("mode", $"m{i % 8}"),
        ("handler", $"/api/v1/resource/{i / 10 % 100}"),
        ("method", i % 2 == 0 ? "GET" : "POST"),
        ("code", $"{200 + (i % 5 * 100)}"),
        ("zone", $"eu-west-1{(char)('a' + (i % 3))}"),
        ("instance", $"t{i / 1000}"),
        ("job", "load"));
}
