using Microsoft.Extensions.Configuration;

namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// What a node is started with. Later wins: <c>reference.conf</c>, the HOCON file of <c>--node.config</c>, environment variables, flags.
/// </summary>
public sealed record NodeConfiguration
{
    public required NodeFlags Flags { get; init; }

    /// <summary>Usable only when there are no faults.</summary>
    public required NodeSettings Settings { get; init; }

    /// <summary>Every fault of flags, files and values; the node does not start with any.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Effective values by flag name, as <c>/api/v1/status/flags</c> shows them.</summary>
    public required IReadOnlyDictionary<string, string> EffectiveFlags { get; init; }

    /// <summary>What an operator should know although nothing is wrong.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <param name="args">The command line without the program.</param>
    /// <param name="environment">Environment variables; those of the process when null.</param>
    public static NodeConfiguration Load(IReadOnlyList<string> args, Func<string, string?>? environment = null)
    {
        environment ??= Environment.GetEnvironmentVariable;
        var flags = NodeFlags.Parse(args);
        var faults = new List<string>(flags.Faults);
        var layers = NodeSettingLayers.Build(flags, environment, out var fileFault);
        if (fileFault is not null)
        {
            faults.Add(fileFault);
        }

        LiftDefaultAgeLimit(layers);
        StorageModeRules.UseAgentPath(layers);
        NodeSettings.TryBind(layers.Configuration, out var settings, out var settingFaults);
        faults.AddRange(settingFaults.Select(fault => (fault with { SetBy = layers.SourceOf(fault.Key) }).ToString()));
        faults.AddRange(StorageModeRules.Faults(flags, layers));
        return new NodeConfiguration
        {
            Flags = flags,
            Settings = settings,
            Faults = faults,
            Warnings = [.. flags.Warnings, .. StorageModeRules.Warnings(settings.Storage)],
            EffectiveFlags = Effective(flags, layers.Configuration, settings.Storage.Wal.MetadataRecords),
        };
    }

    /// <summary>As in Prometheus, the default retention time applies only where no retention size is set.</summary>
    private static void LiftDefaultAgeLimit(NodeSettingLayers layers)
    {
        const string Time = "scrapecluster.storage.retention-time";
        const string Size = "scrapecluster.storage.retention-size";
        if (layers.SourceOf(Time) is null && SizeText.TryParse(layers.Configuration[Size.Replace('.', ':')], out var bytes) && bytes > 0)
        {
            layers.Configuration[Time.Replace('.', ':')] = "0s";
        }
    }

    private static SortedDictionary<string, string> Effective(NodeFlags flags, IConfiguration configuration, bool recordsMetadata)
    {
        var effective = new SortedDictionary<string, string>(flags.Given.ToDictionary(), StringComparer.Ordinal);
        foreach (var flag in KnownFlags.ByName.Values)
        {
            if (flag.Key is not null)
            {
                effective[flag.Name] = flag.Shown(configuration[flag.Key.Replace('.', ':')] ?? "");
            }
        }

        var features = effective.GetValueOrDefault(KnownFlags.EnableFeature, "");
        if (recordsMetadata && !features.Split(',', StringSplitOptions.TrimEntries).Contains(KnownFlags.MetadataRecords, StringComparer.Ordinal))
        {
            effective[KnownFlags.EnableFeature] = features.Length == 0 ? KnownFlags.MetadataRecords : $"{features},{KnownFlags.MetadataRecords}";
        }

        effective["node.config"] = flags.NodeConfigFile ?? "";
        return effective;
    }
}
