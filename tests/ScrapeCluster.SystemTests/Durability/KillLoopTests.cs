using System.Globalization;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Durability;

/// <summary>
/// kill -9 again and again, at any moment: while the node starts, while it replays, while it scrapes. What was acknowledged in any of its lives is there at
/// the end, and stock Prometheus finds nothing damaged. <see cref="StorageKillTests"/> has the many kills, of the storage alone; these are of whole nodes.
/// </summary>
public sealed class KillLoopTests
{
    private const int Kills = 6;
    private const int Targets = 6;
    private const int Fillers = 20;

    [Fact]
    public async Task ManyKills_KeepEveryAcknowledgedPage()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        for (var i = 0; i < Targets; i++)
        {
            exporter.OnPath($"/t{i}", n => StoredScrapes.PageOf(n, Fillers));
        }

        // 1. Lives that end by kill -9, and a last one that ends in order. Random moments, the same in every run.
        var data = folder.Sub("data");
        var random = new Random(20);
        for (var life = 0; life < Kills; life++)
        {
            await using var node = NodeProcess.Start(folder.File("prometheus.yml", Config(exporter, life)), data);
            if (life % 3 == 2)
            {
                await Task.Delay(random.Next(100, 1500));
            }
            else
            {
                await node.ReadyAsync(TimeSpan.FromSeconds(60));
                var asked = exporter.ServedOn("/t0").Count + random.Next(2, 12);
                await Wait.Until("some pages", TimeSpan.FromSeconds(60), () => exporter.ServedOn("/t0").Count > asked, () => node.Output);
                await Task.Delay(random.Next(200));
            }

            Assert.False(node.HasExited, $"life {life} ended by itself:\n{node.Output}");
            await node.KillAsync();
        }

        await using (var node = NodeProcess.Start(folder.File("prometheus.yml", Config(exporter, Kills)), data))
        {
            await node.ReadyAsync(TimeSpan.FromSeconds(60));
            var asked = exporter.ServedOn("/t0").Count + 3;
            await Wait.Until("some pages", TimeSpan.FromSeconds(60), () => exporter.ServedOn("/t0").Count > asked, () => node.Output);
            Assert.Equal(0, await node.StopAsync());
        }

        // 2. Every acknowledged page of every life.
        var dump = await Tools.DumpAsync(data);
        for (var i = 0; i < Targets; i++)
        {
            var acknowledged = exporter.AcknowledgedOn($"/t{i}");
            var stored = StoredScrapes.Of(dump, $"path=\"t{i}\"").AssertHasAll(acknowledged, Fillers);
            Assert.True(stored >= Kills && stored > acknowledged.Count / 2, $"only {stored} of {acknowledged.Count} pages of /t{i} are stored; the other scrapes failed");
        }

        // 3. Stock Prometheus opens a copy.
        await StockPrometheus.AssertOpensAsync(folder, data);
    }

    /// <summary>A parameter tells the lives apart; it is no label of the samples.</summary>
    private static string Config(ScriptedExporter exporter, int life)
    {
        var targets = string.Concat(Enumerable.Range(0, Targets).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"  - targets: ['{exporter.Address}']\n    labels: {{__metrics_path__: /t{i}, path: t{i}}}\n")));
        return string.Create(CultureInfo.InvariantCulture, $"""
            global: {"{"}scrape_interval: 200ms, scrape_timeout: 200ms{"}"}
            scrape_configs:
            - job_name: killed
              params: {"{"}life: ['{life}']{"}"}
              static_configs:

            """) + targets;
    }
}
