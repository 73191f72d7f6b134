using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Wal;

public sealed class WalFaultTests : WalTestBase
{
    private readonly FaultyWalFiles _disk = new();

    [Fact]
    public void Append_DiskFull_IsReportedAndNothingOfTheBatchStays()
    {
        using var writer = WalWriter.Open(WalDirectory, new WalOptions(Compress: false), _disk);
        Assert.Null(writer.Append(BatchOf([1, 1])));
        var before = writer.Published.Position;
        _disk.RoomBytes = 500;

        var fault = writer.Append(BatchOf(new byte[100], new byte[1000]));

        Assert.NotNull(fault);
        Assert.True(fault.DiskFull);
        Assert.Equal((SegmentFile(0), before.Offset), (fault.File, fault.Offset));
        Assert.Equal(before, writer.Published.Position);
        Assert.Equal(before.Offset, new FileInfo(SegmentFile(0)).Length);
        Assert.Equal([[1, 1]], ReadRecords());
    }

    [Fact]
    public void Append_AfterRoomIsBack_GoesOnWithEveryAcknowledgedRecord()
    {
        var random = new Random(3);
        var acknowledged = new List<byte[]>();
        using (var writer = WalWriter.Open(WalDirectory, new WalOptions(SegmentSize: 3 * WalFormat.PageSize), _disk))
        {
            for (var i = 0; i < 400; i++)
            {
                _disk.RoomBytes = random.Next(3) == 0 ? random.Next(3000) : long.MaxValue;
                _disk.FailSetLength = random.Next(4) == 0;
                _disk.FailCreate = random.Next(4) == 0;
                var records = Enumerable.Range(0, 1 + random.Next(3)).Select(_ => RandomRecord(random, 4000)).ToArray();
                if (writer.Append(BatchOf(records)) is null)
                {
                    acknowledged.AddRange(records);
                }
            }

            _disk.RoomBytes = long.MaxValue;
            _disk.FailSetLength = false;
            _disk.FailCreate = false;
            Assert.Null(writer.Append(BatchOf([9])));
            acknowledged.Add([9]);
        }

        Assert.InRange(acknowledged.Count, 50, 1100);
        Assert.Equal(acknowledged, ReadRecords(out var damages));
        Assert.Empty(damages);
    }

    [Fact]
    public void Sync_FlushFails_IsNotAcknowledgedNorPublishedAndWrittenAgainToAnotherSegment()
    {
        var time = new ManualTimeProvider();
        using var writer = WalWriter.Open(WalDirectory, new WalOptions(Sync: WalSyncPolicy.Batch), _disk, time: time);
        Assert.Null(writer.Append(BatchOf([1])));
        Assert.Null(writer.Sync());

        _disk.FailFlush = true;
        Assert.Null(writer.Append(BatchOf([2], [3])));
        Assert.NotNull(writer.Sync());
        Assert.Equal([[1]], ReadPublished(writer));

        // Once a flush failed nothing of its file counts: no batch goes in before what it covered stands elsewhere.
        Assert.NotNull(writer.Append(BatchOf([4])));
        Assert.Equal(0, writer.SegmentIndex);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(writer.Append(BatchOf([4])));
        Assert.Equal(1, writer.SegmentIndex);
        Assert.Equal([[1]], ReadPublished(writer));

        time.Advance(TimeSpan.FromSeconds(1));
        _disk.FailFlush = false;
        Assert.Null(writer.Append(BatchOf([5])));
        Assert.Null(writer.Sync());
        Assert.Equal([[1], [2], [3], [5]], ReadPublished(writer));
        Assert.Equal([[1], [2], [3], [5]], ReadRecords(out var damages));
        Assert.Empty(damages);
    }

    [Fact]
    public void Sync_SeveralBatches_OneFlush()
    {
        using var writer = WalWriter.Open(WalDirectory, new WalOptions(Sync: WalSyncPolicy.Batch), _disk);
        for (byte i = 0; i < 10; i++)
        {
            Assert.Null(writer.Append(BatchOf([i])));
        }

        Assert.Equal(0, _disk.Flushes);
        Assert.Equal(0, writer.Published.Position.Offset);
        Assert.Null(writer.Sync());
        Assert.Equal(1, _disk.Flushes);
        Assert.True(writer.Published.Position.Offset > 0);
        Assert.Null(writer.Sync());
        Assert.Equal(1, _disk.Flushes);
    }

    [Fact]
    public void StartNextSegment_FlushOfTheOldOneFails_IsReportedBesideTheWriting()
    {
        var writer = WalWriter.Open(WalDirectory, new WalOptions(), _disk);
        _disk.FailFlush = true;
        Assert.Null(writer.Append(BatchOf([1])));
        Assert.Null(writer.StartNextSegment());
        Assert.Null(writer.Append(BatchOf([2])));
        writer.Dispose();

        Assert.NotNull(writer.SyncFault);
        Assert.Equal([[1], [2]], ReadRecords());
    }

    private List<byte[]> ReadPublished(WalWriter writer)
    {
        var records = new List<byte[]>();
        using var reader = new WalReader(WalDirectory, writer.Published.Position);
        while (reader.TryRead(out var record))
        {
            records.Add(record.ToArray());
        }

        return records;
    }
}
