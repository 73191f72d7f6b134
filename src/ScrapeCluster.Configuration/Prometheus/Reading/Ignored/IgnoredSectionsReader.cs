using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>
/// Reads the sections that ScrapeCluster accepts and does not act on. They are still checked, so that a file refused by
/// Prometheus is refused here too, and each one is named with what will not happen because of it.
/// </summary>
internal static class IgnoredSectionsReader
{
    private sealed record Kind(string Name, string Consequence, Action<YamlValue, LabelNameRule> Check);

    private static readonly Kind[] Kinds =
    [
        new("rule_files", "no recording rule of these files is evaluated and none of their alerts fires", (value, _) => CheckRuleFiles(value)),
        new("alerting", "no alert is sent to these Alertmanagers", AlertingCheck.Check),
        new("remote_read", "samples kept by these servers do not appear in answers", (value, _) => RemoteReadCheck.Check(value)),
        new("tracing", "no trace is sent", (value, _) => TracingCheck.Check(value)),
        new(
            "storage",
            "these settings have no effect; retention is set by --storage.tsdb.retention.time and --storage.tsdb.retention.size",
            (value, _) => StorageCheck.Check(value)),
        new("otlp", "OTLP is not received, so these settings have no effect", (value, _) => OtlpCheck.Check(value)),
        new("runtime", "it sets up the Go runtime and has no effect here", (value, _) => CheckRuntime(value)),
    ];

    /// <summary>In file order.</summary>
    public static ValueList<IgnoredSection> Read(Section root, LabelNameRule scheme)
    {
        var ignored = new List<IgnoredSection>();
        foreach (var kind in Kinds)
        {
            if (root.Find(kind.Name) is not { IsNull: false } value)
            {
                continue;
            }

            kind.Check(value, scheme);
            if (value.Node is not (YamlSequence { Items.Count: 0 } or YamlMapping { Entries.Count: 0 }))
            {
                ignored.Add(new(kind.Name, kind.Consequence, value.Node.Line));
            }
        }

        return [.. ignored.OrderBy(section => section.Line)];
    }

    private static void CheckRuleFiles(YamlValue value)
    {
        foreach (var item in value.AsList())
        {
            if (!ScrapeConfigFiles.IsValidPattern(item.AsString()))
            {
                item.Fault($"invalid rule file path \"{item.AsString()}\"");
            }
        }
    }

    private static void CheckRuntime(YamlValue value)
    {
        if (value.AsSection() is { } section)
        {
            section.Find("gogc")?.AsInteger(int.MinValue, int.MaxValue);
            section.Finish();
        }
    }
}
