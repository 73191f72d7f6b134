using System.Globalization;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>What the node leaves while it runs for long, but for blocks: chunk files and a checkpoint, with the log behind it.</summary>
public sealed class ChunksAndCheckpointTests
{
    /// <summary>Chunks closed by the node into chunks_head, with the log cut behind a checkpoint: stock Prometheus takes both.</summary>
    [Fact]
    public async Task ChunksAndCheckpointOfTheNode_AreOpenedByStock()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        var data = folder.Sub("data");
        var settings = folder.File("node.conf", "scrapecluster.storage { truncate-interval = 1s, retention-time = 20s, wal.segment-size = 64KiB }");
        await SharedTarget.ScrapeAsync(SharedTarget.Config(folder, exporter), data, exporter, pages: 320, kill: true, () => HasCheckpoint(data), $"--node.config={settings}");

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(data, "chunks_head")));
        Assert.True(HasCheckpoint(data));
        await Tools.DumpAsync(data);
        await using var stock = await StockPrometheus.OpenCopyAsync(folder, data);
        var answer = await stock.DataAsync("/api/v1/query?query=" + Uri.EscapeDataString("count(count_over_time(filler[10m])) by (job)"));
        Assert.Equal($"{SharedTarget.Fillers}", answer.GetProperty("result")[0].GetProperty("value")[1].GetString());
        Assert.True(await stock.MetricAsync("prometheus_tsdb_head_chunks") > SharedTarget.Fillers, "stock Prometheus did not map the chunks");
    }

    /// <summary>Chunks are cut by their samples, as stock 2.42 cuts them: those of fractions at uneven times are longer than the 1,024 bytes of newer versions.</summary>
    [Fact]
    public async Task LongChunksOfTheNode_AreReadByStock()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        var data = folder.Sub("data");
        var config = SharedTarget.Config(folder, exporter);
        exporter.OnPath("/metrics", n => string.Create(CultureInfo.InvariantCulture, $"noise {Noise(n):R} {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (n * n % 37)}\n"));
        var settings = folder.File("node.conf", "scrapecluster.storage.truncate-interval = 1s");
        await SharedTarget.ScrapeAsync(config, data, exporter, pages: 150, kill: true, () => LongestChunk(data) > 1024, $"--node.config={settings}");

        var served = Enumerable.Range(0, exporter.ServedOn("/metrics").Count + 2).Select(Noise).ToHashSet();
        var values = (await Tools.DumpAsync(data, "{__name__='noise'}")).Select(line => double.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(values.Count, 100, served.Count);
        Assert.Subset(served, values.ToHashSet());
        await using var stock = await StockPrometheus.OpenCopyAsync(folder, data);
        var answer = await stock.DataAsync("/api/v1/query?query=" + Uri.EscapeDataString("count_over_time(noise[10m])"));
        Assert.Equal($"{values.Count}", answer.GetProperty("result")[0].GetProperty("value")[1].GetString());

        static double Noise(int n) => (new Random(n).NextDouble() - 0.5) * Math.Pow(10, n % 19);
    }

    /// <summary>Bytes of data of the longest chunk in the files so far.</summary>
    private static int LongestChunk(string data)
    {
        var longest = 0;
        foreach (var file in Directory.GetFiles(Path.Combine(data, "chunks_head")))
        {
            var bytes = File.ReadAllBytes(file).AsSpan();
            bytes = ChunkFileFormat.IsHeader(bytes) ? bytes[ChunkFileFormat.HeaderBytes..] : default;
            while (ChunkFileFormat.TryReadEntry(bytes, out var entry))
            {
                longest = Math.Max(longest, entry.Data.Length);
                bytes = bytes[entry.Length..];
            }
        }

        return longest;
    }

    private static bool HasCheckpoint(string data) => Directory.GetDirectories(Path.Combine(data, "wal"), "checkpoint.*").Length > 0;
}
