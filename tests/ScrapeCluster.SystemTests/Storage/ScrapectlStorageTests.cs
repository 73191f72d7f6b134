using System.Globalization;
using System.Text.Json;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary><c>scrapectl storage</c> beside <c>promtool tsdb</c>: on directories of stock Prometheus, and on that of a node, while it runs and after.</summary>
public sealed class ScrapectlStorageTests
{
    private const int Pages = 60;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("stock_wal_compressed")]
    [InlineData("stock_wal_uncompressed")]
    [InlineData("stock_crashed_with_blocks")]
    public async Task OnADirectoryOfStock_TellsWhatPromtoolTells(string sample)
    {
        Tools.Require("promtool");
        Assert.SkipUnless(Suites.TryFind(out var source, $"ondisk_samples/{sample}"), Suites.MissingReason);
        using var folder = new TestFolder();
        var data = folder.CopyOf(source!, "data");

        await AssertSameAsync(data);
    }

    [Fact]
    public async Task BesideANode_HasWhatItScraped_AndAfterItsDeathWhatPromtoolHas()
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/metrics", static page => StoredScrapes.PageOf(page, 5));
        var data = folder.Sub("data");
        await using var node = NodeProcess.Start(
            folder.File("prometheus.yml", $$"""
                global: {scrape_interval: 100ms, scrape_timeout: 100ms}
                scrape_configs:
                - job_name: shared
                  static_configs: [targets: ['{{exporter.Address}}']]
                """),
            data);
        await node.ReadyAsync(Deadline);
        await Wait.Until($"{Pages} pages", Deadline, () => exporter.ServedOn("/metrics").Count > Pages, () => node.Output);

        var acknowledged = exporter.AcknowledgedOn("/metrics");
        var running = await ScrapectlAsync("verify", data);
        Assert.True(running.ExitCode == 0, running.Output + running.Errors);
        Assert.Contains($"note: {data} is open in process ", running.Errors, StringComparison.Ordinal);
        var stored = StoredScrapes.Of(LinesOf((await ScrapectlAsync("dump", data)).Output).ToHashSet(), "job=\"shared\"");
        Assert.InRange(stored.AssertHasAll(acknowledged, 5), 1, int.MaxValue);

        await node.KillAsync();
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(data, "wal")));
        await AssertSameAsync(data);
    }

    private static async Task AssertSameAsync(string data)
    {
        var blocks = await AssertSameListAsync(data);
        var dump = await ScrapectlAsync("dump", data);
        Assert.Equal((0, ""), (dump.ExitCode, dump.Errors));
        var promtool = await Tools.RunAsync("promtool", "tsdb", "dump", data);
        Assert.Equal(0, promtool.ExitCode);
        var (expected, actual) = (LinesOf(promtool.Output).ToList(), LinesOf(dump.Output).ToList());
        Assert.NotEmpty(expected);
        Assert.Empty(expected.Except(actual).Take(5));
        Assert.Empty(actual.Except(expected).Take(5));
        Assert.Equal(expected.Count, actual.Count);
        if (blocks.Count > 0)
        {
            await AssertSameAnalysisAsync(data, blocks[0]);
        }
    }

    private static async Task<List<string>> AssertSameListAsync(string data)
    {
        var list = await ScrapectlAsync("list", data, "-o", "json");
        Assert.Equal((0, ""), (list.ExitCode, list.Errors));
        var promtool = await Tools.RunAsync("promtool", "tsdb", "list", data);
        using var json = JsonDocument.Parse(list.Output);
        var blocks = json.RootElement.GetProperty("blocks").EnumerateArray()
            .Select(block => string.Join(' ', ((string[])["id", "minMs", "endMs", "samples", "chunks", "series", "bytes"]).Select(name => block.GetProperty(name).ToString())))
            .ToList();

        // The column of durations is left out here; the unit tests hold it.
        Assert.Equal(
            promtool.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
                .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where((_, column) => column != 3))),
            blocks);
        return [.. blocks.Select(block => block.Split(' ')[0])];
    }

    /// <summary>Lines of equal numbers stand in any order with promtool.</summary>
    private static async Task AssertSameAnalysisAsync(string data, string block)
    {
        var limit = int.MaxValue.ToString(CultureInfo.InvariantCulture);
        var ours = await ScrapectlAsync("analyze", data, block, "--limit", limit);
        Assert.Equal((0, ""), (ours.ExitCode, ours.Errors));
        var theirs = await Tools.RunAsync("promtool", "tsdb", "analyze", $"--limit={limit}", data, block);
        Assert.Equal(Sections(theirs.Output), Sections(ours.Output));

        static IEnumerable<string> Sections(string output) => output.Split("\n\n").Select(section => string.Join('\n', section
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith("Samples: ", StringComparison.Ordinal) && !line.StartsWith("Bytes per sample: ", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)));
    }

    private static IEnumerable<string> LinesOf(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Task<(int ExitCode, string Output, string Errors)> ScrapectlAsync(params string[] arguments) =>
        Tools.RunAsync("dotnet", [Repository.ScrapectlDll, "storage", .. arguments]);
}
