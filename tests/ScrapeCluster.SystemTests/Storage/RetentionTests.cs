using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>Retention bounds the disk while the node runs, by age and by size.</summary>
public sealed class RetentionTests
{
    private const int Series = 3000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Time_OldSamplesGo()
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        await RunAsync(folder, data, pages: 300, _ => { }, "--storage.tsdb.retention.time=5s");

        // Kept: the 5 s, a quarter of it as slack, the tick, and the segments that a checkpoint leaves as they are.
        var times = (await Tools.DumpAsync(data)).Select(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..])).ToList();
        Assert.InRange(times.Max() - times.Min(), 4000, 20_000);
    }

    [Fact]
    public async Task Size_DirectoryStaysBelowIt()
    {
        Tools.Require("promtool", "prometheus");
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        const long Limit = 3 << 20;
        var largest = 0L;
        await RunAsync(folder, data, pages: 300, bytes => largest = Math.Max(largest, bytes), $"--storage.tsdb.retention.size={Limit}B");

        Assert.InRange(largest, Limit / 2, Limit * 3 / 2);
        Assert.NotEmpty(await Tools.DumpAsync(data));
        await StockPrometheus.AssertOpensAsync(folder, data);
    }

    private static async Task RunAsync(TestFolder folder, string data, int pages, Action<long> onSize, string flag)
    {
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/metrics", n => string.Concat(Enumerable.Range(0, Series).Select(i => $"counter{{i=\"{i}\"}} {(n * (i % 7)) + i}\n")));
        var config = folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 100ms, scrape_timeout: 100ms}
            scrape_configs:
            - job_name: kept
              static_configs: [targets: ['{{exporter.Address}}']]
            """);
        var settings = folder.File("node.conf", "scrapecluster.storage.truncate-interval = 1s");
        await using var node = NodeProcess.Start(config, data, null, flag, $"--node.config={settings}");
        await node.ReadyAsync();
        await Wait.Until($"{pages} pages", Deadline, () =>
        {
            onSize(SizeOf(data));
            return exporter.ServedOn("/metrics").Count > pages;
        }, () => node.Output);
        Assert.Equal(0, await node.StopAsync());
    }

    private static long SizeOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return 0; // a segment went while it was counted
        }
    }
}
