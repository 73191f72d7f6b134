using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>Retention bounds the disk while the node runs, by age and by size.</summary>
public sealed class RetentionTests
{
    private const int Series = 3000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task Time_OldSamplesGo()
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        var ranMs = await RunAsync(folder, data, pages: 300, _ => { }, "--storage.tsdb.retention.time=5s");

        // Kept: the 5 s, a quarter of it as slack, the tick, and the segments that a checkpoint leaves as they are. A machine under load cuts later, and runs longer.
        var times = (await Tools.DumpAsync(data)).Select(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..])).ToList();
        Assert.InRange(times.Max() - times.Min(), 4000, ranMs * 2 / 3);
    }

    [Fact]
    public async Task Size_DirectoryComesBackBelowIt()
    {
        Tools.Require("promtool", "prometheus");
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        const long Limit = 3 << 19;
        var sizes = new List<long>();
        await RunAsync(folder, data, pages: 300, sizes.Add, $"--storage.tsdb.retention.size={Limit}B");

        // Above it while a cut is due and while a checkpoint stands beside what it replaces: what comes in meanwhile depends on the machine.
        Assert.InRange(sizes.Max(), Limit / 2, Limit * 3);
        Assert.True(CutsSeen(sizes, Limit) > 1, $"sizes were {string.Join(", ", sizes)}");
        Assert.NotEmpty(await Tools.DumpAsync(data));
        await StockPrometheus.AssertOpensAsync(folder, data);
    }

    /// <summary>How often the directory was seen above the limit and, later, below.</summary>
    private static int CutsSeen(List<long> sizes, long limit)
    {
        var isAbove = sizes.Select(size => size > limit).ToList();
        return isAbove.Zip(isAbove.Skip(1)).Count(pair => pair.First && !pair.Second);
    }

    /// <summary>Answers for how long it scraped.</summary>
    private static async Task<long> RunAsync(TestFolder folder, string data, int pages, Action<long> onSize, string flag)
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
            if (SizeOf(data) is { } size)
            {
                onSize(size);
            }

            return exporter.ServedOn("/metrics").Count > pages;
        }, () => node.Output);
        Assert.Equal(0, await node.StopAsync());
        var served = exporter.ServedOn("/metrics");
        return served[^1].RequestedAtMs - served[0].RequestedAtMs;
    }

    /// <summary>Null when a file went or got its final name while it was counted.</summary>
    private static long? SizeOf(string folder)
    {
        try
        {
            var names = Names();
            var bytes = names.Sum(name => new FileInfo(name).Length);
            return names.SequenceEqual(Names()) ? bytes : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        List<string> Names() => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }
}
