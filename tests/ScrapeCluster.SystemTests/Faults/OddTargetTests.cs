using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Faults;

/// <summary>Addresses that nobody can scrape are shown with their reason, and the good targets of the same job are scraped.</summary>
public sealed class OddTargetTests
{
    [Fact]
    public async Task UnusableAddresses_DisturbNoNeighbour()
    {
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/metrics", n => $"page_number {n}\n");
        string[] odd = ["user:secret@127.0.0.1:1", "127.0.0.1:99999", "bad host:80", "[::1", "a..b:80", "host:http", "\\\"<>:1", "ü.example.invalid:80", "127.0.0.1:-1", "%zz:80"];
        var config = folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 500ms, scrape_timeout: 500ms}
            scrape_configs:
            - job_name: mixed
              static_configs:
              - targets: [{{string.Join(", ", odd.Select(address => $"'{address}'"))}}]
              - targets: ['{{exporter.Address}}']
            """);
        await using var node = NodeProcess.Start(config, folder.Sub("data"));
        await node.ReadyAsync();
        await Wait.Until("the good target to be scraped", TimeSpan.FromSeconds(60), () => exporter.ServedOn("/metrics").Count > 4, () => node.Output);

        await Wait.Until("every odd target to be shown down or invalid", TimeSpan.FromSeconds(60), async () =>
            (await node.DataAsync("/api/v1/targets?state=active")).GetProperty("activeTargets").EnumerateArray()
                .All(target => target.GetProperty("health").GetString() == (target.GetProperty("scrapeUrl").GetString() == $"http://{exporter.Address}/metrics" ? "up" : "down")),
            () => node.TextAsync("/api/v1/targets?state=active").GetAwaiter().GetResult() + node.Output);
    }
}
