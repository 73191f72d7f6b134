using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing;

namespace ScrapeCluster.SystemTests.Acceptance;

/// <summary>
/// The acceptance suites written by others, run by their own harness against the node and scrapectl as black boxes. They lie beside
/// the repository; where they are absent the tests say so.
/// </summary>
public sealed class SuiteTests
{
    [Fact]
    public Task Targets() => RunAsync("targets", NodeCommand);

    /// <summary>
    /// Three cases expect what 2.42 did; the truth here is version 3, in which the dot of a relabelling pattern matches a newline, the default
    /// pattern's too, and any UTF-8 text is a label name. They are run all the same, and must be the only ones that fail.
    /// </summary>
    [Fact]
    public Task Relabel() => RunAsync("relabel", NodeCommand,
        "relabel-x-default-regex-does-not-cross-newline", "relabel-x-default-regex-newline-drop", "relabel-x-target-label-templated-invalid-name");

    [Fact]
    public Task Textparse() => RunAsync("textparse", NodeCommand);

    [Fact]
    public Task OpenMetrics() => RunAsync("openmetrics", NodeCommand);

    [Fact]
    public Task Fuzz() => RunAsync("fuzz", [.. NodeCommand, "--seconds", "20", "--seed", "7"]);

    [Fact]
    public Task Config() => RunAsync("config", ["--areas", "scrape,http_sd,remote_write", .. ScrapectlCheck]);

    [Fact]
    public Task RelabelValidity() => RunAsync("relabelvalid", ScrapectlCheck);

    private static string[] NodeCommand =>
        ["--command", $"dotnet {Repository.NodeDll} --config.file={{config}} --storage.path={{datadir}} --web.listen-address=127.0.0.1:{{port}}"];

    private static string[] ScrapectlCheck => ["--check", $"dotnet {Repository.ScrapectlDll} check config --syntax-only {{config}}"];

    private static async Task RunAsync(string suite, string[] arguments, params string[] differ)
    {
        Tools.Require("python3");
        if (!Suites.TryFind(out var script, "cases_check.py"))
        {
            Assert.Skip(Suites.MissingReason);
        }

        var (exitCode, output, errors) = await Tools.RunAsync("python3", ["-B", script, suite, .. arguments]);
        var failed = output.Split('\n').Where(line => line.StartsWith("FAIL ", StringComparison.Ordinal)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        Assert.True(failed.Order(StringComparer.Ordinal).SequenceEqual(differ.Order(StringComparer.Ordinal)) && (exitCode == 0 || differ.Length > 0),
            $"{suite}: exit code {exitCode}\n{output}\n{errors}");
    }
}
