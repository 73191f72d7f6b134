using System.Text.Json;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Acceptance;

public sealed class OpenMetricsSuiteTests
{
    /// <summary>Prometheus takes 71 of the corpus's invalid pages, so the node is held to stock Prometheus's verdicts, and to every valid page.</summary>
    [Fact]
    public async Task OpenMetrics()
    {
        Tools.Require("prometheus");
        await Machine.JudgeAsync(JudgeAsync);
    }

    private static async Task JudgeAsync()
    {
        using var folder = new TestFolder();
        var verdicts = await Task.WhenAll(VerdictsAsync(folder.Sub("node.json"), SuiteRunner.NodeCommand), VerdictsAsync(folder.Sub("stock.json"), StockCommand));
        var (node, stock) = (verdicts[0], verdicts[1]);

        Assert.Equal(211, node.Count);
        Assert.All(node, page => Assert.True(page.Value.Parsed || !page.Value.ShouldParse, $"{page.Key} is valid and was refused"));
        var differ = node.Where(page => page.Value.Parsed != stock[page.Key].Parsed).Select(page => page.Key);
        Assert.Equal(SuiteDifferences.OpenMetrics.Keys.Order(StringComparer.Ordinal), differ.Order(StringComparer.Ordinal));
    }

    private static string[] StockCommand =>
        ["--command", "prometheus --config.file={config} --storage.tsdb.path={datadir} --storage.tsdb.retention.time=100y --web.listen-address=127.0.0.1:{port}"];

    private static async Task<Dictionary<string, (bool ShouldParse, bool Parsed)>> VerdictsAsync(string file, string[] command)
    {
        var (_, output, errors) = await SuiteRunner.HarnessAsync(["openmetrics", "--measure", file, .. command, .. SuiteRunner.WaitLonger]);
        Assert.True(File.Exists(file) && output.Contains("stayed up, exit code 0", StringComparison.Ordinal), output + errors);
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(file));
        return document.RootElement.EnumerateObject().ToDictionary(page => page.Name,
            page => (page.Value.GetProperty("shouldParse").GetBoolean(), page.Value.GetProperty("parsed").GetBoolean()));
    }
}
