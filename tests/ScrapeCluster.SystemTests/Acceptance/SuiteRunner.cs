using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing;

namespace ScrapeCluster.SystemTests.Acceptance;

/// <summary>
/// The acceptance suites written by others, run by their own harness against the node and scrapectl as black boxes. They lie beside
/// the repository; where they are absent the tests say so.
/// </summary>
internal static class SuiteRunner
{
    public static string[] NodeCommand { get; } =
        ["--command", $"dotnet {Repository.NodeDll} --config.file={{config}} --storage.path={{datadir}} --web.listen-address=127.0.0.1:{{port}}"];

    /// <summary>The harness waits so long for scrapes every two or three seconds: its own 14 to 18 s are short where a node shares the machine with other tests.</summary>
    public static string[] WaitLonger { get; } = ["--seconds", "40"];

    public static string[] ScrapectlCheck { get; } = ["--check", $"dotnet {Repository.ScrapectlDll} check config --syntax-only {{config}}"];

    /// <summary>Exactly the cases of the differences must fail.</summary>
    public static Task RunAsync(string suite, string[] arguments, IReadOnlyDictionary<string, string> differences) =>
        Machine.JudgeAsync(() => RunOnceAsync(suite, arguments, differences));

    public static Task<(int ExitCode, string Output, string Errors)> HarnessAsync(string[] arguments)
    {
        Tools.Require("python3");
        Assert.SkipUnless(Suites.TryFind(out var script, "cases_check.py"), Suites.MissingReason);
        return Tools.RunAsync("python3", ["-B", script!, .. arguments]);
    }

    private static async Task RunOnceAsync(string suite, string[] arguments, IReadOnlyDictionary<string, string> differences)
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
}
