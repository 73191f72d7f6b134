namespace ScrapeCluster.Configuration.Node;

public sealed record ConfigFileSettings
{
    /// <summary>Path of <c>prometheus.yml</c>; empty = the built-in configuration, in which the node scrapes itself.</summary>
    public required string File { get; init; }

    public required bool SkipUnsupported { get; init; }

    internal static ConfigFileSettings Read(SettingsReader reader) => new()
    {
        File = reader.Text("scrapecluster.config.file"),
        SkipUnsupported = reader.Flag("scrapecluster.config.skip-unsupported"),
    };
}
