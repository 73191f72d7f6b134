namespace ScrapeCluster.Configuration.Node;

public sealed record WebSettings
{
    public required ListenAddress ListenAddress { get; init; }

    /// <summary>Null = derived from the listen address.</summary>
    public required Uri? ExternalUrl { get; init; }

    public required bool EnableLifecycle { get; init; }

    /// <summary>Whether paths that write into the data directory are answered.</summary>
    public required bool EnableAdminApi { get; init; }

    /// <summary>Empty: the admin token is derived from the cluster's secret.</summary>
    public required string AdminTokenFile { get; init; }

    public required int MaxConnections { get; init; }

    public required TimeSpan ReadTimeout { get; init; }

    internal static WebSettings Read(SettingsReader reader) => new()
    {
        ListenAddress = reader.Address("scrapecluster.web.listen-address"),
        ExternalUrl = reader.OptionalUrl("scrapecluster.web.external-url"),
        EnableLifecycle = reader.Flag("scrapecluster.web.enable-lifecycle"),
        EnableAdminApi = reader.Flag("scrapecluster.web.enable-admin-api"),
        AdminTokenFile = reader.Text("scrapecluster.web.admin-token-file"),
        MaxConnections = reader.Count("scrapecluster.web.max-connections", 1, 1_000_000),
        ReadTimeout = reader.Duration("scrapecluster.web.read-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
    };
}
