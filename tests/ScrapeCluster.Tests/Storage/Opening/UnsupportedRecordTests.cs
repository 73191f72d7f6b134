using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Opening;

public sealed class UnsupportedRecordTests
{
    [Fact]
    public void Open_RecordMarkedAsZstd_IsCountedAndTheOthersAreRead()
    {
        using var storage = new StorageFixture(options => options with { Wal = options.Wal with { Compress = false } });
        storage.Append("first", 1000, 1);
        var segment = Directory.EnumerateFiles(storage.Storage.WalDirectory).Order(StringComparer.Ordinal).Last();
        var at = new FileInfo(segment).Length;
        storage.Append("second", 1000, 2);
        storage.Storage.Dispose();
        using (var file = File.Open(segment, FileMode.Open))
        {
            file.Position = at;
            var flags = file.ReadByte();
            file.Position = at;
            file.WriteByte((byte)(flags | WalFormat.ZstdFlag));
        }

        storage.Reopen();

        Assert.Equal(1, storage.Metrics.Counter("scrapecluster_wal_unsupported_records_total", "").Value);
        Assert.Single(storage.Select("{__name__=\"first\"}"));
        Assert.Empty(storage.Select("{__name__=\"second\"}"));
    }
}
