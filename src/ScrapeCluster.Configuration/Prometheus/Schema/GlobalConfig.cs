using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>The <c>global</c> section. Limits of 0 are off.</summary>
public sealed record GlobalConfig
{
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan ScrapeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Read for completeness: nothing is evaluated here.</summary>
    public TimeSpan EvaluationInterval { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan RuleQueryOffset { get; init; }

    public string QueryLogFile { get; init; } = "";

    public string ScrapeFailureLogFile { get; init; } = "";

    /// <summary>Environment variables already expanded.</summary>
    public Labels ExternalLabels { get; init; } = Labels.Empty;

    /// <summary>Empty when the file names none: each job then takes the defaults for its histogram switches.</summary>
    public ValueList<ScrapeProtocol> ScrapeProtocols { get; init; } = [];

    public long BodySizeLimit { get; init; }

    public long SampleLimit { get; init; }

    public long TargetLimit { get; init; }

    public long LabelLimit { get; init; }

    public long LabelNameLengthLimit { get; init; }

    public long LabelValueLengthLimit { get; init; }

    public long KeepDroppedTargets { get; init; }

    public LabelNameRule MetricNameValidationScheme { get; init; } = LabelNameRule.Utf8;

    public NameEscapingScheme? MetricNameEscapingScheme { get; init; }

    public bool ScrapeNativeHistograms { get; init; }

    public bool AlwaysScrapeClassicHistograms { get; init; }

    public bool ConvertClassicHistogramsToNhcb { get; init; }

    public bool ExtraScrapeMetrics { get; init; }
}
