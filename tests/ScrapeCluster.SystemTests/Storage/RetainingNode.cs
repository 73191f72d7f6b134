using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>A node that has too much to keep, looked at while it runs.</summary>
internal static class RetainingNode
{
    private const int Series = 3000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    /// <summary>Answers for how long it scraped.</summary>
    public static async Task<long> RunAsync(TestFolder folder, string data, int pages, Action<long> onSize, string flag)
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
