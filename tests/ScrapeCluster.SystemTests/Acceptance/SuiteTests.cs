using System.Text.Json;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing;

namespace ScrapeCluster.SystemTests.Acceptance;

/// <summary>
/// The acceptance suites written by others, run by their own harness against the node and scrapectl as black boxes. They lie beside
/// the repository; where they are absent the tests say so. Exactly the cases of <see cref="SuiteDifferences"/> must fail.
/// </summary>
[Collection(AloneOnTheMachine.Name)]
public sealed class SuiteTests
{
    private static readonly Dictionary<string, string> None = [];

    [Fact]
    public Task Targets() => RunAsync("targets", NodeCommand, SuiteDifferences.Targets);

    [Fact]
    public Task Relabel() => RunAsync("relabel", NodeCommand, SuiteDifferences.Relabel);

    [Fact]
    public Task Textparse() => RunAsync("textparse", NodeCommand, SuiteDifferences.Textparse);

    [Fact]
    public Task Fuzz() => RunAsync("fuzz", [.. NodeCommand, "--seconds", "20", "--seed", "7"], None);

    [Fact]
    public Task Config() => RunAsync("config", ["--areas", "scrape,http_sd,remote_write", .. ScrapectlCheck], SuiteDifferences.Config);

    [Fact]
    public Task RelabelValidity() => RunAsync("relabelvalid", ScrapectlCheck, SuiteDifferences.RelabelValidity);

    /// <summary>Prometheus takes 71 of the corpus's invalid pages, so the node is held to stock Prometheus's verdicts, and to every valid page.</summary>
    [Fact]
    public async Task OpenMetrics()
    {
        Tools.Require("prometheus");
        using var folder = new TestFolder();
        var node = await VerdictsAsync(folder.Sub("node.json"), NodeCommand);
        var stock = await VerdictsAsync(folder.Sub("stock.json"), StockCommand);

        Assert.Equal(211, node.Count);
        Assert.All(node, page => Assert.True(page.Value.Parsed || !page.Value.ShouldParse, $"{page.Key} is valid and was refused"));
        var differ = node.Where(page => page.Value.Parsed != stock[page.Key].Parsed).Select(page => page.Key);
        Assert.Equal(SuiteDifferences.OpenMetrics.Keys.Order(StringComparer.Ordinal), differ.Order(StringComparer.Ordinal));
    }

    private static string[] NodeCommand =>
        ["--command", $"dotnet {Repository.NodeDll} --config.file={{config}} --storage.path={{datadir}} --web.listen-address=127.0.0.1:{{port}}"];

    private static string[] StockCommand =>
        ["--command", "prometheus --config.file={config} --storage.tsdb.path={datadir} --storage.tsdb.retention.time=100y --web.listen-address=127.0.0.1:{port}"];

    private static string[] ScrapectlCheck => ["--check", $"dotnet {Repository.ScrapectlDll} check config --syntax-only {{config}}"];

    private static async Task RunAsync(string suite, string[] arguments, IReadOnlyDictionary<string, string> differences)
    {
        var (exitCode, output, errors) = await HarnessAsync([suite, .. arguments]);
        var failed = output.Split('\n').Where(line => line.StartsWith("FAIL ", StringComparison.Ordinal)).Select(line => line["FAIL ".Length..]).ToList();
        var unexpected = failed.Where(line => !differences.Keys.Any(id => IsOf(line, id))).ToList();
        var healed = differences.Where(row => !failed.Any(line => IsOf(line, row.Key))).Select(row => $"{row.Key} ({row.Value})").ToList();

        Assert.True(unexpected.Count == 0, $"{suite}: cases fail that must pass:\n{string.Join('\n', unexpected)}\n{errors}");
        Assert.True(healed.Count == 0, $"{suite}: cases pass, or were not run, that are listed as different:\n{string.Join('\n', healed)}\n{output}\n{errors}");
        Assert.True(exitCode == 0 || differences.Count > 0, $"{suite}: exit code {exitCode}\n{output}\n{errors}");
        Assert.DoesNotContain("DIED", output, StringComparison.Ordinal);
    }

    private static bool IsOf(string line, string id) => line.StartsWith(id + " ", StringComparison.Ordinal);

    private static async Task<Dictionary<string, (bool ShouldParse, bool Parsed)>> VerdictsAsync(string file, string[] command)
    {
        var (_, output, errors) = await HarnessAsync(["openmetrics", "--measure", file, .. command]);
        Assert.True(File.Exists(file) && output.Contains("stayed up, exit code 0", StringComparison.Ordinal), output + errors);
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(file));
        return document.RootElement.EnumerateObject().ToDictionary(page => page.Name,
            page => (page.Value.GetProperty("shouldParse").GetBoolean(), page.Value.GetProperty("parsed").GetBoolean()));
    }

    private static Task<(int ExitCode, string Output, string Errors)> HarnessAsync(string[] arguments)
    {
        Tools.Require("python3");
        Assert.SkipUnless(Suites.TryFind(out var script, "cases_check.py"), Suites.MissingReason);
        return Tools.RunAsync("python3", ["-B", script!, .. arguments]);
    }
}
