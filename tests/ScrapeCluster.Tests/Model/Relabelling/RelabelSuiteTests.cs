using System.Text.Json;
using ScrapeCluster.Model;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Model.Relabelling;

/// <summary>The acceptance cases of relabelling, run on the library itself.</summary>
public sealed class RelabelSuiteTests
{
    /// <summary>
    /// Rows that were measured on 2.42 only, with what 3.x gives: there the dot matches newlines (since 3.0) and every UTF-8 text
    /// is a label name.
    /// </summary>
    private static readonly Dictionary<string, string> OnlyMeasuredOnVersion2 = new()
    {
        ["relabel-242-16"] = """{"-"="name", "0"="name", a="some-name-value"}""",
        ["relabel-x-default-regex-does-not-cross-newline"] = """{a="x\ny", d="x\ny"}""",
        ["relabel-x-default-regex-newline-drop"] = "dropped",
        ["relabel-x-target-label-templated-invalid-name"] = """{"1bad"="v", a="1x"}""",
    };

    [Fact]
    public void Apply_EveryCaseOfTheSuite_GivesTheLabelsOfVersion3()
    {
        using var suite = Load();
        var (run, failures) = (0, new List<string>());
        foreach (var row in suite.RootElement.GetProperty("cases").EnumerateArray())
        {
            run++;
            var expected = row.TryGetProperty("output_v3", out var v3) ? v3 : row.GetProperty("output");
            var id = row.GetProperty("id").GetString()!;
            var wanted = OnlyMeasuredOnVersion2.TryGetValue(id, out var version3) ? version3 : Text(expected);
            if (Outcome(row) is var outcome && outcome != wanted)
            {
                failures.Add($"{id}: {outcome}, expected {wanted}");
            }
        }

        Assert.True(run >= 150, $"only {run} cases");
        Assert.Empty(failures);
    }

    [Fact]
    public void TryCompile_EveryValidityRow_IsJudgedAsPromtoolDoes()
    {
        using var suite = Load();
        var (run, failures) = (0, new List<string>());
        foreach (var row in suite.RootElement.GetProperty("validity").EnumerateArray())
        {
            // An unknown action or field is found when the YAML is read, before there is a rule.
            if (!RelabelJson.TryRead(row.GetProperty("rule"), out var config))
            {
                Assert.False(row.GetProperty("valid").GetBoolean());
                continue;
            }

            run++;
            var valid = RelabelRule.TryCompile(config, LabelNameRule.Legacy, out _, out var fault);
            if (valid != row.GetProperty("valid").GetBoolean())
            {
                failures.Add($"{row}: {fault}");
            }
        }

        Assert.True(run >= 35, $"only {run} rows");
        Assert.Empty(failures);
    }

    private static JsonDocument Load()
    {
        if (!Suites.TryFind(out var path, "relabel_cases.json"))
        {
            Assert.Skip(Suites.MissingReason);
        }

        return JsonDocument.Parse(File.ReadAllBytes(path));
    }

    private static string Outcome(JsonElement row)
    {
        var rules = new List<RelabelRule>();
        foreach (var element in row.GetProperty("configs").EnumerateArray())
        {
            if (!RelabelJson.TryRead(element, out var config) || !RelabelRule.TryCompile(config, out var rule, out var fault))
            {
                return $"refused: {element}";
            }

            rules.Add(rule);
        }

        var labels = new LabelsBuilder();
        foreach (var label in row.GetProperty("input").EnumerateObject())
        {
            labels.Set(label.Name, label.Value.GetString()!);
        }

        return RelabelRules.Apply(rules, labels) ? labels.ToLabels().ToString() : "dropped";
    }

    private static string Text(JsonElement expected)
    {
        return expected.ValueKind == JsonValueKind.Null
            ? "dropped"
            : Labels.Of([.. expected.EnumerateObject().Select(label => (label.Name, label.Value.GetString()!))]).ToString();
    }
}
