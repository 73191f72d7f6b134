using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Agent;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Node;

public sealed class StorageWiringTests
{
    private readonly OwedLog _owed = new();

    [Fact]
    public void OptionsOf_EverySetting_Arrives()
    {
        var settings = new StorageSettings
        {
            Mode = StorageMode.Server,
            Path = "/somewhere",
            RetentionTime = TimeSpan.FromDays(2),
            RetentionSizeBytes = 123,
            TruncateInterval = TimeSpan.FromSeconds(9),
            Wal = new WalSettings
            {
                SegmentSizeBytes = 3 * WalSettings.PageBytes,
                Compression = WalCompression.None,
                Fsync = WalFsync.Interval,
                FsyncInterval = TimeSpan.FromSeconds(7),
                Repair = WalRepairChoice.Cut,
                MetadataRecords = true,
            },
            Agent = new AgentSettings { TruncateInterval = TimeSpan.FromHours(1), MinTime = TimeSpan.FromMinutes(2), MaxTime = TimeSpan.FromHours(3) },
        };

        var defaults = NodeSettings.Defaults();
        var all = defaults with { Storage = settings, RemoteWrite = defaults.RemoteWrite with { OwedMaxSizeBytes = 77, OwedMaxAge = TimeSpan.FromHours(5) } };
        var wal = new WalOptions(3 * WalSettings.PageBytes, Compress: false, WalSyncPolicy.Interval)
        {
            SyncInterval = TimeSpan.FromSeconds(7),
            Repair = WalRepairMode.Cut,
            KeepsMetadata = true,
        };
        var expected = new StorageOptions("/somewhere")
        {
            TruncateInterval = TimeSpan.FromSeconds(9),
            RetentionTime = TimeSpan.FromDays(2),
            RetentionSizeBytes = 123,
            Wal = wal,
            Owed = _owed,
            OwedLimits = new OwedLimits { MaxBytes = 77, MaxAge = TimeSpan.FromHours(5) },
        };

        Assert.Equal(expected, StorageWiring.OptionsOf(all, _owed));
        Assert.Equal(
            new AgentOptions("/somewhere")
            {
                TruncateInterval = TimeSpan.FromHours(1),
                MinTime = TimeSpan.FromMinutes(2),
                MaxTime = TimeSpan.FromHours(3),
                Wal = wal,
                Owed = _owed,
                OwedMaxBytes = 77,
            },
            StorageWiring.AgentOptionsOf(all, _owed));
    }

    [Fact]
    public void OptionsOf_Defaults_AreThoseOfTheStorage()
    {
        var settings = NodeSettings.Defaults();

        Assert.Equal(new StorageOptions(settings.Storage.Path) { Owed = _owed }, StorageWiring.OptionsOf(settings, _owed));
        Assert.Equal(new AgentOptions(settings.Storage.Path) { Owed = _owed }, StorageWiring.AgentOptionsOf(settings, _owed));
    }
}
