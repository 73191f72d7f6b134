using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>One data directory, used by stock Prometheus and by the node in turn, each killed: neither loses or damages what the other wrote.</summary>
public sealed class StockInTurnTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task StockThenNodeThenStock_ShareChunksAndLog()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        var config = SharedTarget.Config(folder, exporter);
        var data = folder.Sub("data");

        // 1. Stock scrapes long enough to close chunks into chunks_head, and is killed.
        await using (var stock = StockPrometheus.Start(config, data))
        {
            await stock.ReadyAsync(Deadline);
            await Wait.Until("150 pages for stock Prometheus, and closed chunks", Deadline,
                () => exporter.ServedOn("/metrics").Count > 150 && Directory.GetFiles(Path.Combine(data, "chunks_head")).Length > 0, () => stock.Output);
            await stock.KillAsync();
        }

        var before = await Tools.DumpAsync(data);

        // 2. The node goes on where it stopped, closes chunks of its own, and is killed.
        await SharedTarget.ScrapeAsync(config, data, exporter, pages: 150, kill: true);
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
}
