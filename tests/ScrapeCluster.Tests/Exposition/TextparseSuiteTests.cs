using System.Globalization;
using System.Text;
using System.Text.Json;
using ScrapeCluster.Exposition;
using ScrapeCluster.Model;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Exposition;

/// <summary>
/// The pages of the acceptance suite. Where Prometheus 3's outcome is known it must be met, else 2.42's. Where 3 is known to differ from the one
/// recorded outcome, the row stands in <see cref="Differences"/> and the test asserts exactly that difference.
/// </summary>
public sealed class TextparseSuiteTests
{
    private enum Difference
    {
        /// <summary>Recorded from 2.42, which keeps `le` and `quantile` as exposed; 3 rewrites them.</summary>
        CanonicalBounds,

        /// <summary>Recorded from 2.42, which refuses quoted metric names; 3 reads them.</summary>
        QuotedNames,

        /// <summary>From a table made with start timestamps switched on, which hides `_created`; by default they are samples.</summary>
        CreatedSamples,
    }

    private static readonly Dictionary<string, Difference> Differences = new()
    {
        ["prom-page-242"] = Difference.CanonicalBounds,
        ["om-page-242"] = Difference.CanonicalBounds,
        ["om-page-3"] = Difference.CreatedSamples,
        ["om-page-utf8"] = Difference.CreatedSamples,
        ["expfmt-ok-04"] = Difference.CanonicalBounds,
        ["expfmt-ok-05"] = Difference.QuotedNames,
        ["expfmt-ok-06"] = Difference.QuotedNames,
        ["expfmt-ok-07"] = Difference.QuotedNames,
        ["expfmt-ok-08"] = Difference.QuotedNames,
        ["expfmt-ok-09"] = Difference.QuotedNames,
        ["expfmt-ok-10"] = Difference.QuotedNames,
        ["expfmt-ok-11"] = Difference.QuotedNames,
        ["expfmt-ok-12"] = Difference.CanonicalBounds,
        ["expfmt-ok-13"] = Difference.CanonicalBounds,
        ["expfmt-ok-14"] = Difference.CanonicalBounds,
        ["expfmt-err-36"] = Difference.QuotedNames,
        ["expfmt-err-38"] = Difference.QuotedNames,
        ["expfmt-err-39"] = Difference.QuotedNames,
        ["expfmt-err-40"] = Difference.QuotedNames,
        ["expfmt-err-41"] = Difference.QuotedNames,
        ["expfmt-err-42"] = Difference.QuotedNames,
        ["expfmt-err-43"] = Difference.CanonicalBounds,
        ["expfmt-err-44"] = Difference.CanonicalBounds,
        ["expfmt-err-45"] = Difference.CanonicalBounds,
        ["expfmt-err-46"] = Difference.CanonicalBounds,
        ["pyclient-utf8_counter"] = Difference.QuotedNames,
        ["pyclient-complex_name_counter"] = Difference.QuotedNames,
        ["pyclient-simple_histogram"] = Difference.CanonicalBounds,
    };

    [Fact]
    public void Parse_SuitePages_GiveThePrometheusOutcome()
    {
        Assert.SkipUnless(Suites.TryFind(out var path, "textparse_cases.json"), Suites.MissingReason);
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var faults = new List<string>();
        foreach (var row in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            if (Check(row) is { } fault)
            {
                faults.Add($"{row.GetProperty("id").GetString()}: {fault}");
            }
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    private static string? Check(JsonElement row)
    {
        Assert.True(ContentTypes.TryChoose(row.GetProperty("content_type").GetString(), null, out var format, out _));
        var page = ParsedPage.Of(row.GetProperty("input_b64").GetBytesFromBase64(), format);
        var expect = row.GetProperty("expect");
        var expected = expect.TryGetProperty("v3", out var newer) ? newer : expect.GetProperty("v2_42");
        if (!Differences.TryGetValue(row.GetProperty("id").GetString()!, out var difference))
        {
            return Compare(expected, page);
        }

        if (Compare(expected, page) is null)
        {
            return "no difference any more: take it out of the table";
        }

        return difference switch
        {
            Difference.QuotedNames => expected.GetProperty("error").GetBoolean() && !page.Refused ? null : $"refused: {page.Fault}",
            Difference.CreatedSamples => Compare(expected, page with { Samples = [.. page.Samples.Where(s => !IsCreated(s))] }),
            _ => Compare(expected, page, canonicalBounds: true),
        };
    }

    private static string? Compare(JsonElement expected, ParsedPage page, bool canonicalBounds = false)
    {
        var refused = expected.GetProperty("error").GetBoolean();
        if (refused != page.Refused)
        {
            return refused ? $"accepted, expected {(expected.TryGetProperty("text", out var text) ? text : "a fault")}" : $"refused: {page.Fault}";
        }

        if (refused || !expected.TryGetProperty("samples", out var samples))
        {
            return null;
        }

        var observed = expected.GetProperty("from").GetString() == "measured";
        var wanted = samples.EnumerateArray().Select(s => Describe(s, observed, canonicalBounds)).ToHashSet();
        var got = page.Samples.Select(s => Describe(s, observed)).ToHashSet();
        return wanted.SetEquals(got) ? null : $"missing [{string.Join("; ", wanted.Except(got))}], extra [{string.Join("; ", got.Except(wanted))}]";
    }

    private static string Describe(JsonElement sample, bool observed, bool canonicalBounds)
    {
        var labels = sample.GetProperty("labels").EnumerateObject()
            .Select(p => (p.Name, canonicalBounds && p.Name is "le" or "quantile" ? Canonical(p.Value.GetString()!) : p.Value.GetString()!))
            .ToArray();
        var value = ParseValue(sample.GetProperty("value").GetString()!);
        var timestamp = !observed && sample.TryGetProperty("ts_ms", out var ts) && ts.ValueKind == JsonValueKind.Number ? ts.GetInt64() : (long?)null;
        return $"{Labels.Of(labels)} {BitConverter.DoubleToUInt64Bits(value):x16} {timestamp}";
    }

    private static string Describe(ParsedSample sample, bool observed)
    {
        // A measured page was scraped: the target's own instance and job move an exposed label of that name aside.
        var labels = sample.Labels.ToPairs()
            .Select(p => (observed && p.Key is "instance" or "job" ? "exported_" + p.Key : p.Key, p.Value))
            .ToArray();
        return $"{Labels.Of(labels)} {BitConverter.DoubleToUInt64Bits(sample.Value):x16} {(observed ? null : sample.TimestampMs)}";
    }

    private static bool IsCreated(ParsedSample sample)
    {
        // One gauge of the page only looks like a creation time.
        return sample.Labels.Get(Labels.MetricName) is { } name && name.EndsWith("_created", StringComparison.Ordinal) && name != "fizz_created";
    }

    private static string Canonical(string bound)
    {
        Span<byte> canonical = stackalloc byte[OpenMetricsFloat.LongestText];
        return OpenMetricsFloat.TryCanonical(Encoding.UTF8.GetBytes(bound), canonical, out var length)
            ? Encoding.UTF8.GetString(canonical[..length])
            : bound;
    }

    private static double ParseValue(string text) => text switch
    {
        "NaN" => SpecialValues.NormalNaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
