using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>Reads lists of relabelling rules and checks each rule as Prometheus does at load.</summary>
internal static class RelabelReader
{
    private static readonly RelabelConfig Default = new();

    private static readonly Dictionary<string, RelabelAction> Actions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["replace"] = RelabelAction.Replace,
        ["keep"] = RelabelAction.Keep,
        ["drop"] = RelabelAction.Drop,
        ["keepequal"] = RelabelAction.KeepEqual,
        ["dropequal"] = RelabelAction.DropEqual,
        ["hashmod"] = RelabelAction.HashMod,
        ["labelmap"] = RelabelAction.LabelMap,
        ["labeldrop"] = RelabelAction.LabelDrop,
        ["labelkeep"] = RelabelAction.LabelKeep,
        ["lowercase"] = RelabelAction.Lowercase,
        ["uppercase"] = RelabelAction.Uppercase,
    };

    public static ValueList<RelabelConfig> Read(Section section, string key, string nullFault, LabelNameRule scheme)
    {
        var rules = new List<RelabelConfig>();
        foreach (var item in section.ListWithoutNulls(key, nullFault))
        {
            if (item.AsSection("relabel.plain") is { } rule)
            {
                rules.Add(ReadRule(rule, scheme));
            }
        }

        return rules.ToValueList();
    }

    private static RelabelConfig ReadRule(Section section, LabelNameRule scheme)
    {
        var action = ReadAction(section);
        var rule = new RelabelConfig
        {
            SourceLabels = [.. section.List("source_labels").Select(name => LabelRules.ReadName(name, scheme))],
            Separator = section.String("separator", Default.Separator),
            Regex = section.String("regex", Default.Regex),
            Modulus = section.Find("modulus")?.AsUnsigned() ?? 0,
            TargetLabel = section.String("target_label"),
            Replacement = section.String("replacement", Default.Replacement),
            Action = action ?? RelabelAction.Replace,
        };
        section.Finish();
        if (action is not null)
        {
            Check(section, rule, scheme);
        }

        return rule;
    }

    private static RelabelAction? ReadAction(Section section)
    {
        if (section.Find("action") is not { } value)
        {
            return RelabelAction.Replace;
        }

        var name = value.AsString();
        if (Actions.TryGetValue(name, out var action))
        {
            return action;
        }

        value.Fault(name.Length == 0 ? "relabel action cannot be empty" : $"unknown relabel action \"{name}\", must be one of {string.Join(", ", Actions.Keys)}");
        return null;
    }

    private static void Check(Section section, RelabelConfig rule, LabelNameRule scheme)
    {
        if (!Re2.TryCompile(rule.Regex, out _, out var regexFault))
        {
            section.FaultAt("regex", regexFault);
        }

        // Bad source names are reported at their own places already.
        var checkable = rule with { SourceLabels = [.. rule.SourceLabels.Where(name => name.Length > 0)] };
        if (!RelabelRule.TryCompile(checkable, scheme, out _, out var fault) && fault != regexFault)
        {
            section.FaultAt("action", fault);
        }
    }
}
