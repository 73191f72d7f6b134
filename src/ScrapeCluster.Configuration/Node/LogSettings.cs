namespace ScrapeCluster.Configuration.Node;

public sealed record LogSettings
{
    public required LogThreshold Level { get; init; }

    public required LogFormat Format { get; init; }

    internal static LogSettings Read(SettingsReader reader) => new()
    {
        Level = reader.Choice<LogThreshold>("scrapecluster.log.level"),
        Format = reader.Choice<LogFormat>("scrapecluster.log.format"),
    };
}

/// <summary>Prometheus's four level names.</summary>
public enum LogThreshold
{
    Debug,
    Info,
    Warn,
    Error,
}

public enum LogFormat
{
    Logfmt,
    Json,
}
