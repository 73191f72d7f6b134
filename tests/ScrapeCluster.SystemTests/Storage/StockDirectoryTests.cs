using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>One data directory, used by stock Prometheus and by the node in turn: neither loses or damages what the other wrote.</summary>
public sealed class StockDirectoryTests
{
    private const int Fillers = 30;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    [Theory]
    [InlineData("stock_wal_compressed")]
    [InlineData("stock_wal_uncompressed")]
    [InlineData("stock_crashed_with_blocks")]
    public async Task DirectoryOfStock_IsScrapedInto_AndReadByStockAgain(string sample)
    {
        Tools.Require("prometheus", "promtool");
        Assert.SkipUnless(Suites.TryFind(out var source, $"ondisk_samples/{sample}"), Suites.MissingReason);
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        var config = Config(folder, exporter);
        var data = folder.CopyOf(source!, "data");
        var before = await ReadableDumpAsync(folder, source!);

        await ScrapeAsync(config, data, exporter, pages: 10);

        var after = await Tools.DumpAsync(data);
        Assert.Subset(after, before);
        AssertWhole(after, exporter);
        await StockPrometheus.AssertOpensAsync(folder, data);
    }

    [Fact]
    public async Task StockThenNodeThenStock_ShareChunksAndLog()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        var config = Config(folder, exporter);
        var data = folder.Sub("data");

        // 1. Stock scrapes long enough to close chunks into chunks_head, and is killed.
        await using (var stock = StockPrometheus.Start(config, data))
        {
            await stock.ReadyAsync(Deadline);
            await Wait.Until("200 pages for stock Prometheus", Deadline, () => exporter.ServedOn("/metrics").Count > 200);
            await stock.KillAsync();
        }

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(data, "chunks_head")));
        var before = await Tools.DumpAsync(data);

        // 2. The node goes on where it stopped, closes chunks of its own, and is killed.
        await ScrapeAsync(config, data, exporter, pages: 200, kill: true);
        var after = await Tools.DumpAsync(data);
        Assert.Subset(after, before);

        // 3. Stock goes on in its turn.
        await using (var stock = await StockPrometheus.OpenCopyAsync(folder, data))
        {
            var answer = await stock.DataAsync("/api/v1/query?query=" + Uri.EscapeDataString("count_over_time(page_number[1h])"));
            var stored = StoredScrapes.Of(after, "job=\"shared\"").Numbers.Count;
            Assert.Equal($"{stored}", answer.GetProperty("result")[0].GetProperty("value")[1].GetString());
        }
    }

    /// <summary>Chunks closed by the node into chunks_head, with the log cut behind a checkpoint: stock Prometheus takes both.</summary>
    [Fact]
    public async Task ChunksAndCheckpointOfTheNode_AreOpenedByStock()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        var data = folder.Sub("data");
        var settings = folder.File("node.conf", "scrapecluster.storage { truncate-interval = 1s, retention-time = 20s, wal.segment-size = 64KiB }");
        await ScrapeAsync(Config(folder, exporter), data, exporter, pages: 320, kill: true, () => HasCheckpoint(data), $"--node.config={settings}");

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(data, "chunks_head")));
        Assert.True(HasCheckpoint(data));
        await Tools.DumpAsync(data);
        await using var stock = await StockPrometheus.OpenCopyAsync(folder, data);
        var answer = await stock.DataAsync("/api/v1/query?query=" + Uri.EscapeDataString("count(count_over_time(filler[10m])) by (job)"));
        Assert.Equal($"{Fillers}", answer.GetProperty("result")[0].GetProperty("value")[1].GetString());
        Assert.True(await stock.MetricAsync("prometheus_tsdb_head_chunks") > Fillers, "stock Prometheus did not map the chunks");
    }

    private static async Task ScrapeAsync(string config, string data, ScriptedExporter exporter, int pages, bool kill = false, Func<bool>? until = null, params string[] flags)
    {
        await using var node = NodeProcess.Start(config, data, null, flags);
        await node.ReadyAsync(Deadline);
        await Wait.Until("the target to be up", Deadline, async () =>
            (await node.DataAsync("/api/v1/targets?state=active")).GetProperty("activeTargets").EnumerateArray().Any(target => target.GetProperty("health").GetString() == "up"),
            () => node.Output);
        var served = exporter.ServedOn("/metrics").Count;
        await Wait.Until($"{pages} pages for the node", Deadline, () => exporter.ServedOn("/metrics").Count > served + pages && (until is null || until()), () => node.Output);
        if (kill)
        {
            await node.KillAsync();
        }
        else
        {
            Assert.Equal(0, await node.StopAsync());
        }
    }

    private static bool HasCheckpoint(string data) => Directory.GetDirectories(Path.Combine(data, "wal"), "checkpoint.*").Length > 0;

    private static string Config(TestFolder folder, ScriptedExporter exporter)
    {
        exporter.OnPath("/metrics", n => StoredScrapes.PageOf(n, Fillers));
        return folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 100ms, scrape_timeout: 100ms}
            scrape_configs:
            - job_name: shared
              static_configs: [targets: ['{{exporter.Address}}']]
            """);
    }

    /// <summary>What promtool reads of a sample directory; a killed one has to be mended by stock Prometheus first.</summary>
    private static async Task<HashSet<string>> ReadableDumpAsync(TestFolder folder, string source)
    {
        var (exitCode, output, _) = await Tools.RunAsync("promtool", "tsdb", "dump", folder.CopyOf(source, "before"));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        Assert.True(exitCode == 0 || lines.Count > 0, $"promtool reads nothing of {source}");
        return lines;
    }

    private static void AssertWhole(HashSet<string> dump, ScriptedExporter exporter)
    {
        var stored = StoredScrapes.Of(dump, "job=\"shared\"");
        Assert.InRange(stored.AssertHasAll(exporter.AcknowledgedOn("/metrics"), Fillers), 1, int.MaxValue);
        Assert.All(stored.Numbers, number => Assert.True(stored.IsWhole(number, Fillers), $"page {number}"));
    }
}
