namespace ScrapeCluster.Model;

/// <summary>What a job gives to each of its targets.</summary>
public sealed record TargetTemplate
{
    public required string JobName { get; init; }

    public string ScrapeInterval { get; init; } = "1m";

    public string ScrapeTimeout { get; init; } = "10s";

    public string MetricsPath { get; init; } = "/metrics";

    public string Scheme { get; init; } = "http";

    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Params { get; init; } = [];

    public IReadOnlyList<RelabelRule> RelabelRules { get; init; } = [];

    public bool ConvertClassicHistogramsToNhcb { get; init; }

    public bool AlwaysScrapeClassicHistograms { get; init; }

    public bool ScrapeNativeHistograms { get; init; }
}
