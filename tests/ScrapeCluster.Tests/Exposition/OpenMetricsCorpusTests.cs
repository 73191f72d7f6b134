using System.Text.Json;
using ScrapeCluster.Exposition;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Exposition;

/// <summary>The pages of the OpenMetrics project. Many of the invalid ones break rules between lines, which Prometheus leaves alone and so does the parser.</summary>
public sealed class OpenMetricsCorpusTests
{
    // Prometheus 2.42 refuses 96. Of those, an exemplar on a gauge is accepted: Prometheus 3 takes it, and the Java client may write it.
    private const int RefusedAtLeast = 95;
    private const string AcceptedAsPrometheus3Does = "bad_exemplars_on_unallowed_metric_types_0";

    [Fact]
    public void Parse_ValidPages_AreAllAccepted()
    {
        var refused = Pages(shouldParse: true).Where(p => p.Page.Refused).Select(p => $"{p.Name}: {p.Page.Fault}");

        Assert.Empty(refused);
    }

    [Fact]
    public void Parse_InvalidPages_AreRefusedAsPrometheusDoes()
    {
        var pages = Pages(shouldParse: false).ToList();
        var refused = pages.Count(p => p.Page.Refused);

        Assert.True(refused >= RefusedAtLeast, $"{refused} are refused");
        Assert.False(pages.Single(p => p.Name == AcceptedAsPrometheus3Does).Page.Refused);
    }

    private static IEnumerable<(string Name, ParsedPage Page)> Pages(bool shouldParse)
    {
        Assert.SkipUnless(Suites.TryFind(out var path, "openmetrics", "tests", "testdata", "parsers"), Suites.MissingReason);
        foreach (var directory in Directory.GetDirectories(path))
        {
            using var about = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, "test.json")));
            if (about.RootElement.GetProperty("shouldParse").GetBoolean() == shouldParse)
            {
                var body = File.ReadAllBytes(Path.Combine(directory, about.RootElement.GetProperty("file").GetString()!));
                yield return (Path.GetFileName(directory), ParsedPage.Of(body, ExpositionFormat.OpenMetrics));
            }
        }
    }
}
