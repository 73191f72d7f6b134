using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Configuration;

/// <summary>
/// One thing wrong in a configuration file. <paramref name="Path"/> is the way to the value, such as
/// <c>scrape_configs[2].relabel_configs[0].regex</c>; line and column count from 1, 0 when the fault is the whole file's.
/// </summary>
public sealed record ConfigFault(string File, int Line, int Column, string Path, string Message)
{
    public override string ToString()
    {
        var place = Line > 0 ? $"{File}:{Line}: " : $"{File}: ";
        return Path.Length > 0 ? $"{place}{Path}: {Message}" : place + Message;
    }
}

/// <summary>A configuration, or everything that is wrong with it.</summary>
public sealed class ConfigResult
{
    private ConfigResult(PrometheusConfig? config, ValueList<ConfigFault> faults, ValueList<ReferencedFile> referencedFiles)
    {
        Config = config;
        Faults = faults;
        ReferencedFiles = referencedFiles;
    }

    public PrometheusConfig? Config { get; }

    /// <summary>In order of file and line; empty when the configuration is valid.</summary>
    public ValueList<ConfigFault> Faults { get; }

    /// <summary>The files that a valid configuration names; whether they exist is not checked at load.</summary>
    public ValueList<ReferencedFile> ReferencedFiles { get; }

    internal static ConfigResult Valid(PrometheusConfig config, ValueList<ReferencedFile> referencedFiles) => new(config, [], referencedFiles);

    internal static ConfigResult Invalid(ValueList<ConfigFault> faults) => new(null, faults, []);

    public bool TryGet([NotNullWhen(true)] out PrometheusConfig? config)
    {
        config = Config;
        return config is not null;
    }

    /// <summary>All faults, one a line.</summary>
    public string FaultText() => string.Join('\n', Faults);
}
