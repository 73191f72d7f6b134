using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Testing.Storage;

/// <summary>How a directory is kept in which everything happens all the time.</summary>
public static class BusyDirectory
{
    public const int BatchesPerTick = 4;
    public const long MostInHeadMs = 48 * NumberedBatches.StepMs;

    public static StorageOptions Options(string directory, WalSyncPolicy sync) => new(directory)
    {
        // Two levels of merged blocks, and 420 batches.
        RetentionTime = TimeSpan.FromHours(70),
        Wal = new WalOptions(SegmentSize: 2 * WalFormat.PageSize, Sync: sync),
    };
}
