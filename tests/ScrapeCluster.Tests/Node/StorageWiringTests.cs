using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Node;

public sealed class StorageWiringTests
{
    [Fact]
    public void OptionsOf_EverySetting_Arrives()
    {
        var settings = new StorageSettings
        {
            Path = "/somewhere",
            RetentionTime = TimeSpan.FromDays(2),
            RetentionSizeBytes = 123,
            HeadRange = TimeSpan.FromHours(5),
            TruncateInterval = TimeSpan.FromSeconds(9),
            Wal = new WalSettings
            {
                SegmentSizeBytes = 3 * WalSettings.PageBytes,
                Compression = WalCompression.None,
                Fsync = WalFsync.Interval,
                FsyncInterval = TimeSpan.FromSeconds(7),
            },
        };

        var expected = new StorageOptions("/somewhere")
        {
            HeadRange = TimeSpan.FromHours(5),
            TruncateInterval = TimeSpan.FromSeconds(9),
            RetentionTime = TimeSpan.FromDays(2),
            RetentionSizeBytes = 123,
            Wal = new WalOptions(3 * WalSettings.PageBytes, Compress: false, WalSyncPolicy.Interval) { SyncInterval = TimeSpan.FromSeconds(7) },
        };

        Assert.Equal(expected, StorageWiring.OptionsOf(settings));
    }

    [Fact]
    public void OptionsOf_Defaults_AreThoseOfTheStorage()
    {
        var settings = NodeSettings.Defaults().Storage;

        Assert.Equal(new StorageOptions(settings.Path), StorageWiring.OptionsOf(settings));
    }
}
