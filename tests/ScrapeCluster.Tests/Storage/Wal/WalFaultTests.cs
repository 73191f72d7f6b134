using ScrapeCluster.Storage.Wal;

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
    public void Append_FlushFailsUnderBatchPolicy_IsNotAcknowledged()
    {
        using var writer = WalWriter.Open(WalDirectory, new WalOptions(Sync: WalSyncPolicy.Batch), _disk);
        _disk.FailFlush = true;

        Assert.NotNull(writer.Append(BatchOf([1])));

        _disk.FailFlush = false;
        Assert.Null(writer.Append(BatchOf([2])));
        Assert.Equal([[2]], ReadRecords());
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
}
