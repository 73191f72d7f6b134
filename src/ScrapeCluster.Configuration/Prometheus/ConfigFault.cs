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
    private ConfigResult(PrometheusConfig? config, ValueList<ConfigFault> faults)
    {
        Config = config;
        Faults = faults;
    }

    public PrometheusConfig? Config { get; }

    /// <summary>In order of file and line; empty when the configuration is valid.</summary>
    public ValueList<ConfigFault> Faults { get; }

    public static ConfigResult Valid(PrometheusConfig config) => new(config, []);

    public static ConfigResult Invalid(ValueList<ConfigFault> faults) => new(null, faults);

    public bool TryGet([NotNullWhen(true)] out PrometheusConfig? config)
    {
        config = Config;
        return config is not null;
    }

    /// <summary>All faults, one a line.</summary>
    public string FaultText() => string.Join('\n', Faults);
}
