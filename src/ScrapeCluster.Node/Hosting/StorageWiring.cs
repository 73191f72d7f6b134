using System.Diagnostics.CodeAnalysis;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Agent;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Node.Hosting;

/// <summary>The settings of the operator as the storage takes them; the two do not know each other.</summary>
internal static class StorageWiring
{
    /// <summary>Locks the data directory, for the mode that is set.</summary>
    public static bool TryOpen(
        NodeSettings settings,
        OwedLog owed,
        MetricsRegistry metrics,
        ILoggerFactory loggers,
        TimeProvider time,
        [NotNullWhen(true)] out INodeStorage? storage,
        [NotNullWhen(false)] out string? fault)
    {
        if (settings.Storage.Mode == StorageMode.Agent)
        {
            var isAgentOpen = AgentStorage.TryOpen(AgentOptionsOf(settings, owed), metrics, loggers, time, out var agent, out fault);
            storage = agent;
            return isAgentOpen;
        }

        var isOpen = LocalStorage.TryOpen(OptionsOf(settings, owed), metrics, loggers, time, out var local, out fault);
        storage = local;
        return isOpen;
    }

    public static StorageOptions OptionsOf(NodeSettings settings, OwedLog owed) => new(settings.Storage.Path)
    {
        TruncateInterval = settings.Storage.TruncateInterval,
        RetentionTime = settings.Storage.RetentionTime,
        RetentionSizeBytes = settings.Storage.RetentionSizeBytes,
        Wal = WalOptionsOf(settings.Storage.Wal),
        Owed = owed,
        OwedLimits = new OwedLimits { MaxBytes = settings.RemoteWrite.OwedMaxSizeBytes, MaxAge = settings.RemoteWrite.OwedMaxAge },
    };

    public static AgentOptions AgentOptionsOf(NodeSettings settings, OwedLog owed) => new(settings.Storage.Path)
    {
        TruncateInterval = settings.Storage.Agent.TruncateInterval,
        MinTime = settings.Storage.Agent.MinTime,
        MaxTime = settings.Storage.Agent.MaxTime,
        Wal = WalOptionsOf(settings.Storage.Wal),
        Owed = owed,
        OwedMaxBytes = settings.RemoteWrite.OwedMaxSizeBytes,
    };

    private static WalOptions WalOptionsOf(WalSettings settings) =>
        new((int)settings.SegmentSizeBytes, settings.Compression == WalCompression.Snappy, PolicyOf(settings.Fsync))
        {
            SyncInterval = settings.FsyncInterval,
            Repair = settings.Repair == WalRepairChoice.Cut ? WalRepairMode.Cut : WalRepairMode.Keep,
            KeepsMetadata = settings.MetadataRecords,
        };

    private static WalSyncPolicy PolicyOf(WalFsync fsync) => fsync switch
    {
        WalFsync.Interval => WalSyncPolicy.Interval,
        WalFsync.Batch => WalSyncPolicy.Batch,
        _ => WalSyncPolicy.Segment,
    };
}
