using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>One job of <c>scrape_configs</c>, completed from <c>global</c>. Limits of 0 are off.</summary>
public sealed record ScrapeConfig
{
    public string JobName { get; init; } = "";

    public bool HonorLabels { get; init; }

    public bool HonorTimestamps { get; init; } = true;

    public bool TrackTimestampsStaleness { get; init; }

    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan ScrapeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public string MetricsPath { get; init; } = "/metrics";

    public string Scheme { get; init; } = "http";

    /// <summary>Query parameters, sorted by name as Prometheus sends them.</summary>
    public ValueList<UrlParam> Params { get; init; } = [];

    /// <summary>In order of preference.</summary>
    public ValueList<ScrapeProtocol> ScrapeProtocols { get; init; } = ScrapeProtocolNames.Default;

    /// <summary>What a page without a usable <c>Content-Type</c> is read as; without it such a scrape fails.</summary>
    public ScrapeProtocol? FallbackScrapeProtocol { get; init; }

    public bool EnableCompression { get; init; } = true;

    public long BodySizeLimit { get; init; }

    public long SampleLimit { get; init; }

    public long TargetLimit { get; init; }

    public long LabelLimit { get; init; }

    public long LabelNameLengthLimit { get; init; }

    public long LabelValueLengthLimit { get; init; }

    /// <summary>0 keeps all dropped targets for the API.</summary>
    public long KeepDroppedTargets { get; init; }

    public bool ScrapeNativeHistograms { get; init; }

    public bool AlwaysScrapeClassicHistograms { get; init; }

    public bool ConvertClassicHistogramsToNhcb { get; init; }

    public long NativeHistogramBucketLimit { get; init; }

    public double NativeHistogramMinBucketFactor { get; init; }

    public bool ExtraScrapeMetrics { get; init; }

    public LabelNameRule MetricNameValidationScheme { get; init; } = LabelNameRule.Utf8;

    public NameEscapingScheme MetricNameEscapingScheme { get; init; } = NameEscapingScheme.AllowUtf8;

    public string ScrapeFailureLogFile { get; init; } = "";

    public HttpClientConfig HttpClient { get; init; } = HttpClientConfig.Default;

    public ValueList<RelabelConfig> RelabelConfigs { get; init; } = [];

    public ValueList<RelabelConfig> MetricRelabelConfigs { get; init; } = [];

    /// <summary>Everything that finds targets for this job, in file order.</summary>
    public ValueList<SdConfig> ServiceDiscovery { get; init; } = [];
}

/// <summary>A query parameter with its values in order.</summary>
public sealed record UrlParam(string Name, ValueList<string> Values);
