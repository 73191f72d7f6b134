using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ScrapeCluster.Model;

/// <summary>A rule made ready to run. Immutable, for use from any thread.</summary>
public sealed class RelabelRule
{
    private RelabelRule(RelabelConfig config, Re2Regex regex, LabelNameRule names)
    {
        Config = config;
        Regex = regex;
        Names = names;
        SourceLabels = [.. config.SourceLabels.Select(Encoding.UTF8.GetBytes)];
        Separator = Encoding.UTF8.GetBytes(config.Separator);
        TargetLabel = Encoding.UTF8.GetBytes(config.TargetLabel);
        Target = ExpansionTemplate.Parse(config.TargetLabel, regex);
        Replacement = ExpansionTemplate.Parse(config.Replacement, regex);
    }

    public RelabelConfig Config { get; }

    public RelabelAction Action => Config.Action;

    internal Re2Regex Regex { get; }

    internal LabelNameRule Names { get; }

    internal byte[][] SourceLabels { get; }

    internal byte[] Separator { get; }

    internal byte[] TargetLabel { get; }

    internal ExpansionTemplate Target { get; }

    internal ExpansionTemplate Replacement { get; }

    /// <summary>Checks and compiles one rule; the fault is in Prometheus's words.</summary>
    public static bool TryCompile(RelabelConfig config, [NotNullWhen(true)] out RelabelRule? rule, [NotNullWhen(false)] out string? fault)
    {
        return TryCompile(config, LabelNameRule.Utf8, out rule, out fault);
    }

    public static bool TryCompile(
        RelabelConfig config, LabelNameRule names, [NotNullWhen(true)] out RelabelRule? rule, [NotNullWhen(false)] out string? fault)
    {
        rule = null;
        fault = RelabelFaults.Find(config, names);
        if (fault is not null || !Re2.TryCompile(config.Regex, out var regex, out fault))
        {
            return false;
        }

        rule = new RelabelRule(config, regex, names);
        return true;
    }
}
