using Microsoft.Extensions.Configuration;
using ScrapeCluster.Configuration.Hocon;

namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// Everything an operator may set on a node beside <c>prometheus.yml</c>. Each section is one record; each key, its default, its unit and its meaning
/// are in <c>hocon/reference.conf</c> and nowhere else, so the records have no defaults of their own.
/// </summary>
public sealed record NodeSettings
{
    private static readonly Lazy<IReadOnlyList<string>> AllKeys = new(() =>
    {
        var reader = new SettingsReader(new ConfigurationBuilder().Build());
        Read(reader);
        return reader.Keys;
    });

    /// <summary>Every key that is read, e.g. <c>scrapecluster.web.listen-address</c>.</summary>
    public static IReadOnlyList<string> Keys => AllKeys.Value;

    public required ConfigFileSettings Config { get; init; }

    public required WebSettings Web { get; init; }

    public required ClusterSettings Cluster { get; init; }

    public required StorageSettings Storage { get; init; }

    public required ReadSettings Reads { get; init; }

    public required ScrapeSettings Scrape { get; init; }

    public required DiscoverySettings Discovery { get; init; }

    public required RemoteWriteSettings RemoteWrite { get; init; }

    public required RemoteWriteReceiverSettings RemoteWriteReceiver { get; init; }

    public required LogSettings Log { get; init; }

    public required ActorSettings Actors { get; init; }

    /// <summary>What <c>reference.conf</c> says.</summary>
    public static NodeSettings Defaults()
    {
        var configuration = new ConfigurationBuilder().AddHocon(NodeSettingLayers.Reference, _ => null).Build();
        return TryBind(configuration, out var settings, out var faults)
            ? settings
            : throw new InvalidOperationException($"reference.conf has faults: {string.Join("; ", faults)}");
    }

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
        Cluster = ClusterSettings.Read(reader),
        Storage = StorageSettings.Read(reader),
        Reads = ReadSettings.Read(reader),
        Scrape = ScrapeSettings.Read(reader),
        Discovery = DiscoverySettings.Read(reader),
        RemoteWrite = RemoteWriteSettings.Read(reader),
        RemoteWriteReceiver = RemoteWriteReceiverSettings.Read(reader),
        Log = LogSettings.Read(reader),
        Actors = ActorSettings.Read(reader),
    };
}
