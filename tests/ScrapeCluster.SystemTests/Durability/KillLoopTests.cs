using System.Globalization;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Durability;

/// <summary>
/// kill -9 again and again, at any moment: while the node starts, while it replays, while it scrapes. What was acknowledged in any of its lives is there at
/// the end, and stock Prometheus finds nothing damaged.
/// </summary>
public sealed class KillLoopTests
{
    private const int Kills = 15;
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
            if (life % 5 == 4)
            {
                await Task.Delay(random.Next(100, 1500));
            }
            else
            {
                await node.ReadyAsync(TimeSpan.FromSeconds(60));
                await Task.Delay(random.Next(300, 2500));
            }

            Assert.False(node.HasExited, $"life {life} ended by itself:\n{node.Output}");
            await node.KillAsync();
        }

        await using (var node = NodeProcess.Start(folder.File("prometheus.yml", Config(exporter, Kills)), data))
        {
            await node.ReadyAsync(TimeSpan.FromSeconds(60));
            await Task.Delay(1000);
            Assert.Equal(0, await node.StopAsync());
        }

        // 2. Every acknowledged page of every life.
        var dump = await Tools.DumpAsync(data);
        for (var i = 0; i < Targets; i++)
        {
            AssertStored(StoredScrapes.Of(dump, $"path=\"t{i}\""), $"/t{i}", exporter.ServedOn($"/t{i}"));
        }

        // 3. Stock Prometheus opens a copy.
        await StockPrometheus.AssertOpensAsync(folder, data);
    }

    private static void AssertStored(StoredScrapes stored, string path, IReadOnlyList<Served> served)
    {
        var acknowledged = 0;
        var timedOut = 0;
        for (var n = 0; n + 1 < served.Count; n++)
        {
            if (served[n].Query != served[n + 1].Query)
            {
                continue; // the next scrape came from another life
            }

            acknowledged++;
            if (stored.TimeOf(n) is not { } time)
            {
                // On a machine under load a scrape may run out of its 200 ms; then it says so.
                Assert.True(
                    stored.FailedBetween(served[n].RequestedAtMs - 200, served[n].RequestedAtMs + 200),
                    $"page {n} of {path} was acknowledged to life {served[n].Query} and is not stored");
                timedOut++;
                continue;
            }

            Assert.InRange(served[n].RequestedAtMs - time, -50, 400);
            Assert.True(stored.IsWhole(n, Fillers), $"page {n} of {path} is not stored as a whole");
        }

        Assert.True(acknowledged >= Kills, $"only {acknowledged} pages of {path} were acknowledged");
        Assert.InRange(timedOut, 0, acknowledged / 5);
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
