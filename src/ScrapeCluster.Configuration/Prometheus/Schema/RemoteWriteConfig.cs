using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>One receiver of <c>remote_write</c>.</summary>
public sealed record RemoteWriteConfig
{
    public static readonly TimeSpan DefaultRemoteTimeout = TimeSpan.FromSeconds(30);

    public string Url { get; init; } = "";

    /// <summary>For logs, metrics and pages: a password in the URL is masked.</summary>
    public string PrintableUrl => UrlText.Redact(Url);

    /// <summary>As configured; empty when the queue is to be named by a hash of its settings.</summary>
    public string Name { get; init; } = "";

    public TimeSpan RemoteTimeout { get; init; } = DefaultRemoteTimeout;

    public RemoteWriteMessage ProtobufMessage { get; init; } = RemoteWriteMessage.V1;

    /// <summary>Extra request headers, sorted by name.</summary>
    public ValueList<RemoteWriteHeader> Headers { get; init; } = [];

    public ValueList<RelabelConfig> WriteRelabelConfigs { get; init; } = [];

    public bool SendExemplars { get; init; }

    public bool SendNativeHistograms { get; init; }

    public bool RoundRobinDns { get; init; }

    public QueueConfig Queue { get; init; } = new();

    public MetadataConfig Metadata { get; init; } = new();

    public HttpClientConfig HttpClient { get; init; } = HttpClientConfig.Default with { EnableHttp2 = false };

    /// <summary><c>sigv4</c>, <c>azuread</c> or <c>google_iam</c> when configured, else empty. None of them is built yet.</summary>
    public string CloudAuth { get; init; } = "";
}

public sealed record RemoteWriteHeader(string Name, string Value);

public enum RemoteWriteMessage
{
    /// <summary><c>prometheus.WriteRequest</c></summary>
    V1,

    /// <summary><c>io.prometheus.write.v2.Request</c></summary>
    V2,
}

/// <summary><c>queue_config</c> of a receiver.</summary>
public sealed record QueueConfig
{
    public int Capacity { get; init; } = 10_000;

    public int MinShards { get; init; } = 1;

    public int MaxShards { get; init; } = 50;

    public int MaxSamplesPerSend { get; init; } = 2_000;

    public TimeSpan BatchSendDeadline { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(30);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);

    public bool RetryOnHttp429 { get; init; }

    /// <summary>Older samples are not sent; zero sends all.</summary>
    public TimeSpan SampleAgeLimit { get; init; }
}

/// <summary><c>metadata_config</c> of a receiver (remote write 1.0 only).</summary>
public sealed record MetadataConfig
{
    public bool Send { get; init; } = true;

    public TimeSpan SendInterval { get; init; } = TimeSpan.FromMinutes(1);

    public int MaxSamplesPerSend { get; init; } = 2_000;
}
