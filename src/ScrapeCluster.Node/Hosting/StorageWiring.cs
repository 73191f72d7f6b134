using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Node.Hosting;

/// <summary>The settings of the operator as the storage takes them; the two do not know each other.</summary>
internal static class StorageWiring
{
    public static StorageOptions OptionsOf(StorageSettings settings) => new(settings.Path)
    {
        HeadRange = settings.HeadRange,
        TruncateInterval = settings.TruncateInterval,
        RetentionTime = settings.RetentionTime,
        RetentionSizeBytes = settings.RetentionSizeBytes,
        Wal = new WalOptions((int)settings.Wal.SegmentSizeBytes, settings.Wal.Compression == WalCompression.Snappy, PolicyOf(settings.Wal.Fsync))
        {
            SyncInterval = settings.Wal.FsyncInterval,
        },
    };

    private static WalSyncPolicy PolicyOf(WalFsync fsync) => fsync switch
    {
        WalFsync.Interval => WalSyncPolicy.Interval,
        WalFsync.Batch => WalSyncPolicy.Batch,
        _ => WalSyncPolicy.Segment,
    };
}
