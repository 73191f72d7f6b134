using System.Text.RegularExpressions;

namespace ScrapeCluster.Model;

/// <summary>What Prometheus refuses when it loads a rule, in its words (model/relabel/relabel.go, Validate).</summary>
internal static partial class RelabelFaults
{
    private static readonly RelabelConfig Defaults = new();

    public static string? Find(RelabelConfig config, LabelNameRule names)
    {
        var action = ActionText(config.Action);
        return MissingField(config, action)
            ?? InvalidName(config, action, names)
            ?? SurplusField(config, action);
    }

    public static string ActionText(RelabelAction action) => action.ToString().ToLowerInvariant();

    private static string? MissingField(RelabelConfig config, string action)
    {
        if (config is { Action: RelabelAction.HashMod, Modulus: 0 })
        {
            return "relabel configuration for hashmod requires non-zero modulus";
        }

        return NeedsTarget(config.Action) && config.TargetLabel.Length == 0
            ? $"relabel configuration for {action} action requires 'target_label' value"
            : null;
    }

    private static bool NeedsTarget(RelabelAction action)
    {
        return action is RelabelAction.Replace or RelabelAction.HashMod or RelabelAction.Lowercase or RelabelAction.Uppercase
            or RelabelAction.KeepEqual or RelabelAction.DropEqual;
    }

    private static string? InvalidName(RelabelConfig config, string action, LabelNameRule names)
    {
        if (NeedsTarget(config.Action))
        {
            // Only replace expands its target.
            var isTemplate = config.Action == RelabelAction.Replace && config.TargetLabel.Contains('$', StringComparison.Ordinal);
            var valid = isTemplate ? IsNameTemplate(config.TargetLabel, names) : IsName(config.TargetLabel, names);
            if (!valid)
            {
                return $"{LabelText.Quote(config.TargetLabel)} is invalid 'target_label' for {action} action";
            }
        }

        if (config.Action == RelabelAction.LabelMap && !IsNameTemplate(config.Replacement, names))
        {
            return $"{LabelText.Quote(config.Replacement)} is invalid 'replacement' for {action} action";
        }

        foreach (var source in config.SourceLabels)
        {
            if (!IsName(source, names))
            {
                return $"{LabelText.Quote(source)} is not a valid label name";
            }
        }

        return null;
    }

    private static bool IsName(string name, LabelNameRule names)
    {
        return names == LabelNameRule.Legacy ? LabelText.IsLegacyName(name) : name.Length > 0;
    }

    private static bool IsNameTemplate(string template, LabelNameRule names)
    {
        return (names == LabelNameRule.Legacy ? LegacyTemplate() : Utf8Template()).IsMatch(template);
    }

    [GeneratedRegex(@"\A(?:(?:[a-zA-Z_]|\$(?:\{[0-9A-Za-z_]+\}|[0-9A-Za-z_]+))+[0-9A-Za-z_]*)+\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex LegacyTemplate();

    [GeneratedRegex(@"\A(?:[^${}]|\$(?:\{[^${}]+\}|[^${}]+))+\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Utf8Template();

    private static string? SurplusField(RelabelConfig config, string action)
    {
        var (regex, modulus, separator, replacement) = (config.Regex != Defaults.Regex, config.Modulus != Defaults.Modulus,
            config.Separator != Defaults.Separator, config.Replacement != Defaults.Replacement);
        return config.Action switch
        {
            RelabelAction.Lowercase or RelabelAction.Uppercase or RelabelAction.KeepEqual or RelabelAction.DropEqual when replacement
                => $"'replacement' can not be set for {action} action",
            RelabelAction.KeepEqual or RelabelAction.DropEqual when regex || modulus || separator
                => $"{action} action requires only 'source_labels' and `target_label`, and no other fields",
            RelabelAction.LabelDrop or RelabelAction.LabelKeep when config.SourceLabels.Count > 0 || config.TargetLabel.Length > 0 || modulus || separator || replacement
                => $"{action} action requires only 'regex', and no other fields",
            _ => null,
        };
    }
}
