using System.Diagnostics;
using System.Globalization;

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
    /// <param name="match">Of the series, where all would be too much.</param>
    public static async Task<HashSet<string>> DumpAsync(string dataFolder, string match = "{__name__=~'(?s:.*)'}")
    {
        var (exitCode, output, errors) = await RunAsync("promtool", "tsdb", "dump", $"--match={match}", dataFolder);
        Assert.True(exitCode == 0, $"promtool tsdb dump {dataFolder} ended with {exitCode}: {errors}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Lines of a dump with their numbers as .NET writes them.</summary>
    public static IEnumerable<string> Plain(IEnumerable<string> dump)
    {
        foreach (var line in dump)
        {
            var end = line.LastIndexOf('}') + 1;
            var parts = line[(end + 1)..].Split(' ');
            var value = parts[0] switch
            {
                "+Inf" => double.PositiveInfinity,
                "-Inf" => double.NegativeInfinity,
                _ => double.Parse(parts[0], CultureInfo.InvariantCulture),
            };
            yield return $"{line[..end]} {value.ToString("R", CultureInfo.InvariantCulture)} {parts[1]}";
        }
    }
}
