using System.Diagnostics.CodeAnalysis;
using ScrapeCluster.Configuration;
using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>What a job's configuration says of its samples, compiled once and shared by all loops of the pool.</summary>
internal sealed class SampleRules
{
    private SampleRules(ScrapeConfig config, IReadOnlyList<RelabelRule> relabelRules)
    {
        RelabelRules = relabelRules;
        HonorLabels = config.HonorLabels;
        HonorTimestamps = config.HonorTimestamps;
        TrackTimestampsStaleness = config.TrackTimestampsStaleness;
        SampleLimit = config.SampleLimit;
        LabelLimit = config.LabelLimit;
        LabelNameLengthLimit = config.LabelNameLengthLimit;
        LabelValueLengthLimit = config.LabelValueLengthLimit;
        LegacyNamesOnly = config.MetricNameValidationScheme == LabelNameRule.Legacy;
        ExtraScrapeMetrics = config.ExtraScrapeMetrics;
        Fallback = FormatOf(config.FallbackScrapeProtocol);
    }

    public IReadOnlyList<RelabelRule> RelabelRules { get; }

    public bool HonorLabels { get; }

    public bool HonorTimestamps { get; }

    public bool TrackTimestampsStaleness { get; }

    /// <summary>0 = off, as with the other limits.</summary>
    public long SampleLimit { get; }

    public long LabelLimit { get; }

    public long LabelNameLengthLimit { get; }

    public long LabelValueLengthLimit { get; }

    public bool LegacyNamesOnly { get; }

    public bool ExtraScrapeMetrics { get; }

    public ExpositionFormat? Fallback { get; }

    public static bool TryCompile(ScrapeConfig config, [NotNullWhen(true)] out SampleRules? rules, [NotNullWhen(false)] out string? fault)
    {
        rules = null;
        var compiled = new List<RelabelRule>(config.MetricRelabelConfigs.Count);
        foreach (var written in config.MetricRelabelConfigs)
        {
            if (!RelabelRule.TryCompile(written, out var rule, out fault))
            {
                fault = $"metric_relabel_configs of job {config.JobName}: {fault}";
                return false;
            }

            compiled.Add(rule);
        }

        fault = null;
        rules = new SampleRules(config, compiled);
        return true;
    }

    private static ExpositionFormat? FormatOf(ScrapeProtocol? protocol) => protocol switch
    {
        ScrapeProtocol.PrometheusText004 or ScrapeProtocol.PrometheusText100 => ExpositionFormat.Text,
        ScrapeProtocol.OpenMetricsText001 or ScrapeProtocol.OpenMetricsText100 => ExpositionFormat.OpenMetrics,
        _ => null,
    };
}
