using System.Diagnostics;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Command-line tools of the field, as oracles.</summary>
internal static class Tools
{
    /// <summary>Skips the test, saying why, when a program that it needs is not installed (scripts/test.sh installs all of them).</summary>
    public static void Require(params string[] programs)
    {
        foreach (var program in programs)
        {
            if (!Exists(program))
            {
                Assert.Skip($"{program} is not installed; scripts/test.sh installs it");
            }
        }
    }

    public static bool Exists(string program)
    {
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
    }

    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Lines <c>{labels} value timestamp_ms</c> of <c>promtool tsdb dump</c>; fails on a non-zero exit.</summary>
    public static async Task<HashSet<string>> DumpAsync(string dataFolder)
    {
        var (exitCode, output, errors) = await RunAsync("promtool", "tsdb", "dump", dataFolder);
        Assert.True(exitCode == 0, $"promtool tsdb dump {dataFolder} ended with {exitCode}: {errors}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
    }
}
