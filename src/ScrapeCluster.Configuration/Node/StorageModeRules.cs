namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// Which settings belong to one of the two modes alone. Giving one in the other mode is a fault, as in Prometheus: it would have no effect, and whoever
/// gave it meant something.
/// </summary>
internal static class StorageModeRules
{
    public const string ModeKey = "scrapecluster.storage.mode";
    public const string AgentPath = "./data-agent";

    private const string PathKey = "scrapecluster.storage.path";
    private const string AgentKeys = "scrapecluster.storage.agent.";

    private static readonly string[] ServerKeys =
    [
        "scrapecluster.storage.retention-time",
        "scrapecluster.storage.retention-size",
        "scrapecluster.storage.truncate-interval",
        "scrapecluster.remote-write.owed-max-age",
    ];

    /// <summary>As marked in <c>cmd/prometheus/main.go</c>, and one of our own: of an agent <c>storage.agent.retention.max-time</c> says it.</summary>
    private static readonly string[] ServerFlags = ["storage.tsdb.", "storage.remote.read-", "rules.", "alertmanager.", "query.", "remote-write.owed-max-age"];
    private static readonly string[] AgentFlags = ["storage.agent."];

    public static bool IsAgent(NodeSettingLayers layers) =>
        string.Equals(layers.Configuration[ModeKey.Replace('.', ':')], nameof(StorageMode.Agent), StringComparison.OrdinalIgnoreCase);

    /// <summary>As in Prometheus an agent has a default directory of its own, so that the two never meet in one.</summary>
    public static void UseAgentPath(NodeSettingLayers layers)
    {
        if (IsAgent(layers) && layers.SourceOf(PathKey) is null)
        {
            layers.Configuration[PathKey.Replace('.', ':')] = AgentPath;
        }
    }

    /// <summary>What works here, but closes a way back.</summary>
    public static IEnumerable<string> Warnings(StorageSettings settings)
    {
        // Prometheus tsdb/agent/db.go, loadWAL: a record type that it does not know is damage.
        if (settings is { Mode: StorageMode.Agent, Wal.MetadataRecords: true })
        {
            yield return $"{WalSettings.MetadataRecordsKey} = true in agent mode: a stock Prometheus agent takes the metadata records of this WAL for damage and cuts it there";
        }
    }

    public static IEnumerable<string> Faults(NodeFlags flags, NodeSettingLayers layers)
    {
        var isAgent = IsAgent(layers);
        var foreign = isAgent ? ServerFlags : AgentFlags;
        var given = flags.Given.Keys.Where(name => foreign.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).Order(StringComparer.Ordinal).ToList();
        if (given.Count > 0)
        {
            var which = string.Join(", ", given.Select(name => $"--{name}"));
            yield return isAgent
                ? $"flags that cannot be used in agent mode: {which}; leave them out, or run as a server ({SetBy(layers)})"
                : $"flags that can be used in agent mode only: {which}; leave them out, or run as an agent (--agent)";
        }

        var keys = isAgent ? ServerKeys : NodeSettings.Keys.Where(key => key.StartsWith(AgentKeys, StringComparison.Ordinal));
        foreach (var key in keys)
        {
            if (layers.SourceOf(key) is { } source && !source.StartsWith("--", StringComparison.Ordinal))
            {
                yield return isAgent
                    ? $"{key} (set by {source}): it cannot be used in agent mode; leave it out, or run as a server ({SetBy(layers)})"
                    : $"{key} (set by {source}): it can be used in agent mode only; leave it out, or run as an agent ({ModeKey} = agent)";
            }
        }
    }

    private static string SetBy(NodeSettingLayers layers) => $"{ModeKey} = agent is set by {layers.SourceOf(ModeKey)}";
}
