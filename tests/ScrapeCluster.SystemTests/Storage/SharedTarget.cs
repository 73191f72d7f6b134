using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>A target that whoever has the data directory scrapes ten times a second, and a node that does.</summary>
internal static class SharedTarget
{
    public const int Fillers = 30;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    public static string Config(TestFolder folder, ScriptedExporter exporter)
    {
        exporter.OnPath("/metrics", n => StoredScrapes.PageOf(n, Fillers));
        return folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 100ms, scrape_timeout: 100ms}
            scrape_configs:
            - job_name: shared
              static_configs: [targets: ['{{exporter.Address}}']]
            """);
    }

    public static async Task ScrapeAsync(string config, string data, ScriptedExporter exporter, int pages, bool kill = false, Func<bool>? until = null, params string[] flags)
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
}
