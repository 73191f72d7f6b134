using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>One entry of a <c>*_sd_configs</c> or <c>static_configs</c> list. Equal entries of several jobs share one provider.</summary>
public abstract record SdConfig
{
    /// <summary>The kind as in its key: <c>static</c>, <c>file</c>, <c>http</c>, <c>consul</c> ...</summary>
    public abstract string Kind { get; }
}

/// <summary>All <c>static_configs</c> of a job; the source of each group is its index.</summary>
public sealed record StaticSdConfig(ValueList<TargetGroup> Groups) : SdConfig
{
    public override string Kind => "static";
}

/// <summary>Target groups in files. The last path element may hold one <c>*</c>; paths are absolute.</summary>
public sealed record FileSdConfig(ValueList<string> Files, TimeSpan RefreshInterval) : SdConfig
{
    public static readonly TimeSpan DefaultRefreshInterval = TimeSpan.FromMinutes(5);

    public override string Kind => "file";
}

/// <summary>Target groups from a URL.</summary>
public sealed record HttpSdConfig(string Url, TimeSpan RefreshInterval, HttpClientConfig HttpClient) : SdConfig
{
    public static readonly TimeSpan DefaultRefreshInterval = TimeSpan.FromMinutes(1);

    /// <summary>Without the password that the URL may hold.</summary>
    public string PrintableUrl => UrlText.Redact(Url);

    public override string Kind => "http";
}

/// <summary>An entry of a kind that is known but not built yet, kept as written (secrets included: do not print).</summary>
public sealed record UnsupportedSdConfig(string KindName, Secret RawYaml) : SdConfig
{
    public override string Kind => KindName;
}
