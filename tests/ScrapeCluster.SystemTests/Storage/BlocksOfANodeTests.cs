using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>
/// A node whose clock jumps ahead two hours at a time, and once back, writes its head to blocks and cuts head and log behind them. The directory, blocks with
/// chunk files and log, is opened by promtool and stock Prometheus, which read what the node answers, sample for sample.
/// </summary>
public sealed class BlocksOfANodeTests
{
    private const int Fillers = 20;
    private const int PagesAStep = 8;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task ClockJumps_HeadBecomesBlocks_ThatStockReads()
    {
        Tools.Require("promtool", "prometheus", "faketime");
        var library = Directory.EnumerateFiles("/usr/lib", "libfaketime.so.1", SearchOption.AllDirectories).FirstOrDefault();
        Assert.SkipWhen(library is null, "libfaketime.so.1 is not below /usr/lib");
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        var pages = await RunAsync(folder, data, library!);

        var dump = await Tools.DumpAsync(folder.CopyOf(data, "to-dump"));
        var stored = StoredScrapes.Of(dump, "job=\"jumping\"");
        Assert.All(pages, page => Assert.True(stored.TimeOf(page) is null || stored.IsWhole(page, Fillers), $"page {page}"));

        // On a machine under load a scrape may run out of its timeout; then it says so.
        var failed = dump.Count(line => line.StartsWith("{__name__=\"up\"", StringComparison.Ordinal) && line.Contains("} 0 ", StringComparison.Ordinal));
        Assert.InRange(pages.Count(page => stored.TimeOf(page) is null), 0, Math.Min(failed, pages.Count / 2));

        var list = await Tools.RunAsync("promtool", "tsdb", "list", data);
        Assert.Equal((0, ""), (list.ExitCode, list.Errors));
        var blocks = list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Select(line => line.Split(' ')[0]).ToList();
        foreach (var block in blocks)
        {
            var analysis = await Tools.RunAsync("promtool", "tsdb", "analyze", data, block);
            Assert.Equal((0, ""), (analysis.ExitCode, analysis.Errors));
            Assert.Contains("\nSeries: ", analysis.Output, StringComparison.Ordinal);
        }

        // This node's clock is hours behind its data, as after the jump back of a machine that starts anew.
        await using var stock = await StockPrometheus.OpenCopyAsync(folder, data);
        await using var node = NodeProcess.Start(folder.File("quiet.yml", "scrape_configs: []\n"), data);
        await node.ReadyAsync(Deadline);
        Assert.Equal(blocks.Count, await stock.MetricAsync("prometheus_tsdb_blocks_loaded"));
        Assert.Equal(blocks.Count, await node.MetricAsync("prometheus_tsdb_blocks_loaded"));
        var expected = await RemoteReader.SamplesAsync(stock, ".+", 0, long.MaxValue);
        Assert.True(expected.Count > pages.Count * Fillers, $"{expected.Count} samples");
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await RemoteReader.SamplesAsync(node, ".+", 0, long.MaxValue)).Order(StringComparer.Ordinal));
        Assert.Equal(await RemoteReader.ChunksAsync(stock, ".+", 0, long.MaxValue), await RemoteReader.ChunksAsync(node, ".+", 0, long.MaxValue));
    }

    /// <summary>Answers for the pages that have to be stored: those that were asked for at one time of the clock and whose scraper asked once more. Then the node is killed.</summary>
    private static async Task<IReadOnlyList<int>> RunAsync(TestFolder folder, string data, string library)
    {
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/metrics", n => StoredScrapes.PageOf(n, Fillers));
        var config = folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 250ms, scrape_timeout: 250ms}
            scrape_configs:
            - job_name: jumping
              static_configs: [targets: ['{{exporter.Address}}']]
            """);
        var offset = folder.File("offset", "+0");
        var settings = folder.File("node.conf", "scrapecluster.storage { truncate-interval = 1s, wal.segment-size = 64KiB }");
        var environment = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library,
            ["FAKETIME_TIMESTAMP_FILE"] = offset,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        };
        await using var node = NodeProcess.StartWith(environment, config, data, null, $"--node.config={settings}");
        await node.ReadyAsync(Deadline);
        var stored = new List<int>();
        foreach (var hours in (int[])[0, 2, 4, 0, 6, 8])
        {
            File.WriteAllText(offset + ".new", $"+{hours * 3600}");
            File.Move(offset + ".new", offset, overwrite: true);
            var before = exporter.ServedOn("/metrics").Count;
            await Wait.Until($"pages at +{hours} h", Deadline, () => exporter.ServedOn("/metrics").Count > before + PagesAStep, () => node.Output);
            if (hours > 0 || stored.Count == 0)
            {
                // The one that is on its way at the jump is of the time before; of the last nobody knows whether its answer came.
                stored.AddRange(Enumerable.Range(before + 2, PagesAStep - 3));
            }
        }

        await Wait.Until("three blocks and the cuts behind them", Deadline, async () =>
            await node.MetricAsync("prometheus_tsdb_compactions_total") >= 3
            && await node.MetricAsync("prometheus_tsdb_head_truncations_total") >= 3
            && await node.MetricAsync("prometheus_tsdb_wal_truncations_total") >= 1, () => node.Output);
        Assert.Equal(0, await node.MetricAsync("prometheus_tsdb_compactions_failed_total"));
        Assert.True(await node.MetricAsync("prometheus_tsdb_out_of_bound_samples_total{type=\"float\"}") > 0, "nothing was refused while the clock was back");
        await node.KillAsync();
        return stored;
    }
}
