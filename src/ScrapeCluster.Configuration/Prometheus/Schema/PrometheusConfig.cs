namespace ScrapeCluster.Configuration;

/// <summary>
/// A whole <c>prometheus.yml</c>, read, checked and completed: every job has inherited what it left out, every relative path
/// is absolute, and the jobs of <c>scrape_config_files</c> stand behind those of the file itself.
/// </summary>
public sealed record PrometheusConfig
{
    /// <summary>Nothing configured; what an empty file says.</summary>
    public static readonly PrometheusConfig Empty = new();

    public GlobalConfig Global { get; init; } = new();

    public ValueList<ScrapeConfig> ScrapeConfigs { get; init; } = [];

    public ValueList<RemoteWriteConfig> RemoteWrites { get; init; } = [];

    /// <summary>Sections that Prometheus would act on and ScrapeCluster does not, in file order.</summary>
    public ValueList<IgnoredSection> IgnoredSections { get; init; } = [];

    /// <summary>Jobs that use a kind of discovery which is not built yet; they must not be started.</summary>
    public ValueList<UnsupportedJob> UnsupportedJobs { get; init; } = [];

    /// <summary>What somebody should look at although the file is valid.</summary>
    public ValueList<string> Warnings { get; init; } = [];

    /// <summary>The file written again with every secret masked, for <c>/api/v1/status/config</c>.</summary>
    public string Yaml { get; init; } = "";
}

/// <summary>A section that has no effect here, and what therefore does not happen.</summary>
public sealed record IgnoredSection(string Name, string Consequence, int Line = 0);

/// <summary>A job whose discovery is not built yet. <paramref name="Kinds"/> are names such as <c>consul</c>.</summary>
public sealed record UnsupportedJob(string JobName, ValueList<string> Kinds);
