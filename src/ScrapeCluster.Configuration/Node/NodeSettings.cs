using Microsoft.Extensions.Configuration;

namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// Everything an operator may set on a node beside <c>prometheus.yml</c>. Each section is one record; each key, its default, its unit and its meaning
/// are in <c>hocon/reference.conf</c> and nowhere else, so the records have no defaults of their own.
/// </summary>
public sealed record NodeSettings
{
    public required ConfigFileSettings Config { get; init; }

    public required WebSettings Web { get; init; }

    public required StorageSettings Storage { get; init; }

    public required ScrapeSettings Scrape { get; init; }

    public required DiscoverySettings Discovery { get; init; }

    public required RemoteWriteSettings RemoteWrite { get; init; }

    public required LogSettings Log { get; init; }

    public required ActorSettings Actors { get; init; }

    /// <summary>Binds and validates; on false <paramref name="faults"/> holds every fault, not only the first.</summary>
    public static bool TryBind(IConfiguration configuration, out NodeSettings settings, out IReadOnlyList<SettingFault> faults)
    {
        var reader = new SettingsReader(configuration);
        settings = Read(reader);
        faults = [.. reader.Faults, .. UnknownSettings.In(configuration, reader.Keys)];
        return faults.Count == 0;
    }

    internal static NodeSettings Read(SettingsReader reader) => new()
    {
        Config = ConfigFileSettings.Read(reader),
        Web = WebSettings.Read(reader),
        Storage = StorageSettings.Read(reader),
        Scrape = ScrapeSettings.Read(reader),
        Discovery = DiscoverySettings.Read(reader),
        RemoteWrite = RemoteWriteSettings.Read(reader),
        Log = LogSettings.Read(reader),
        Actors = ActorSettings.Read(reader),
    };
}
