using System.Text.Json;
using System.Text.RegularExpressions;
using ScrapeCluster.Configuration;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Configuration.Prometheus;

/// <summary>The configuration files of Prometheus's own tests: which must load, which must not, and roughly why.</summary>
public sealed partial class ConfigSuiteTests
{
    private static readonly string[] Areas = ["scrape", "http_sd", "remote_write"];

    /// <summary>
    /// Refused by 2.42 and valid in 3.x, where UTF-8 label names are the default. The 3.x suite has these files with bytes
    /// that are no UTF-8 instead, or no longer has them.
    /// </summary>
    private static readonly string[] ValidSinceUtf8Names =
    [
        "labelmap.bad.yml", "labelname.bad.yml", "labelname2.bad.yml", "lowercase2.bad.yml", "uppercase2.bad.yml",
    ];

    public sealed record SuiteCase(string File, string Version, bool Ok, string Error, string Area)
    {
        public string Name => Path.GetFileName(File);
    }

    /// <summary>One row of null stands for a suite that is not there: a theory without rows is an error of the runner.</summary>
    public static TheoryData<SuiteCase?> Cases() => [.. ReadCases().DefaultIfEmpty()];

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Load_FileOfTheSuite_IsJudgedAsByPrometheus(SuiteCase? one)
    {
        Assert.SkipWhen(one is null, Suites.MissingReason);
        Suites.TryFind(out var path, one.File);
        var result = PrometheusConfigFile.Load(path!);
        var expected = one.Ok || (one.Version.StartsWith("v2", StringComparison.Ordinal) && ValidSinceUtf8Names.Contains(one.Name));
        Assert.True(expected == (result.Config is not null), $"{one.File}: expected {(expected ? "valid" : "refused: " + one.Error)}\n{result.FaultText()}");
        if (!expected && !one.Version.StartsWith("v2", StringComparison.Ordinal))
        {
            Assert.Contains(Gist(one.Error), result.FaultText(), StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"^parsing YAML file \S+: ")]
    private static partial Regex FilePrefix();

    /// <summary>Ours starts with file, line and path instead of "parsing YAML file".</summary>
    private static string Gist(string error) => FilePrefix().Replace(error, "");

    private static IEnumerable<SuiteCase> ReadCases()
    {
        if (!Suites.TryFind(out var path, "config_cases.json"))
        {
            return [];
        }

        var all = JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("cases").Deserialize<List<SuiteCase>>(JsonSerializerOptions.Web)!;
        return all.Where(one => Areas.Contains(one.Area));
    }
}
