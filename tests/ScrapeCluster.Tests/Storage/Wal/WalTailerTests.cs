using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Wal;

public sealed class WalTailerTests : WalTestBase
{
    [Fact]
    public void TryRead_FollowsTheWriterOverSegments()
    {
        var random = new Random(1);
        using var writer = WalWriter.Open(WalDirectory, new WalOptions(SegmentSize: 2 * WalFormat.PageSize));
        Assert.Null(writer.Append(BatchOf([1])));
        using var tailer = new WalTailer(WalDirectory, writer.Published, writer.Published.Position);
        Assert.False(tailer.TryRead(out _));
        for (var i = 0; i < 200; i++)
        {
            var records = Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomRecord(random, 9000)).ToArray();
            Assert.Null(writer.Append(BatchOf(records)));
            if (random.Next(3) > 0)
            {
                continue;
            }

            Assert.Null(writer.Append(BatchOf([7])));
            var last = Array.Empty<byte>();
            while (tailer.TryRead(out var record))
            {
                last = record.ToArray();
            }

            Assert.Equal([7], last);
            Assert.Equal(writer.Published.Position, tailer.Position);
        }

        Assert.Equal((0, 0), (tailer.LostSegments, tailer.DamagedPlaces));
    }

    [Fact]
    public async Task TryRead_BesideTheWriter_GivesEveryRecordOnce()
    {
        const int Count = 20_000;
        using var writer = WalWriter.Open(WalDirectory, new WalOptions(SegmentSize: 2 * WalFormat.PageSize));
        using var tailer = new WalTailer(WalDirectory, writer.Published, writer.Published.Position);
        var reading = Task.Factory.StartNew(() => ReadAll(tailer, Count), TaskCreationOptions.LongRunning);
        for (var i = 0; i < Count; i++)
        {
            Assert.Null(writer.Append(BatchOf(BitConverter.GetBytes(i))));
        }

        Assert.Equal(Enumerable.Range(0, Count), await reading.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    private static List<int> ReadAll(WalTailer tailer, int count)
    {
        var read = new List<int>();
        while (read.Count < count)
        {
            if (tailer.TryRead(out var record))
            {
                read.Add(BitConverter.ToInt32(record));
            }
            else
            {
                tailer.WaitForMore(TimeSpan.FromSeconds(5));
            }
        }

        return read;
    }

    [Fact]
    public void TryRead_DamageBehindTheWriter_TellsItsPlaceAndGivesTheRest()
    {
        using var writer = WalWriter.Open(WalDirectory, new WalOptions(Compress: false));
        using var tailer = new WalTailer(WalDirectory, writer.Published, writer.Published.Position);
        Assert.Null(writer.Append(BatchOf([1, 1])));
        var damaged = writer.Published.Position.Offset;
        Assert.Null(writer.Append(BatchOf([2, 2], [3, 3])));
        using (var file = File.OpenHandle(SegmentFile(0), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            RandomAccess.Write(file, [0xff], damaged + WalFormat.HeaderSize);
        }

        var read = new List<byte>();
        while (tailer.TryRead(out var record))
        {
            read.Add(record[0]);
        }

        Assert.Equal([1, 3], read);
        Assert.Equal(1, tailer.DamagedPlaces);
        Assert.Equal((SegmentFile(0), damaged), (tailer.LastDamage!.File, tailer.LastDamage.Offset));
    }

    [Fact]
    public void TryRead_StartIsGone_BeginsWithTheFirstSegmentThatIsThere()
    {
        using var writer = WalWriter.Open(WalDirectory);
        for (byte i = 0; i < 4; i++)
        {
            Assert.Null(writer.Append(BatchOf([i])));
            Assert.Null(writer.StartNextSegment());
        }

        File.Delete(SegmentFile(0));
        File.Delete(SegmentFile(1));
        using var tailer = new WalTailer(WalDirectory, writer.Published, new WalPosition(0, 12345));

        Assert.Equal((2, new WalPosition(2, 0)), (tailer.LostSegments, tailer.Position));
        Assert.True(tailer.TryRead(out var record));
        Assert.Equal([2], record.ToArray());
        Assert.Throws<FileNotFoundException>(() => new WalTailer(WalDirectory, writer.Published, new WalPosition(9, 0)));
    }

    [Fact]
    public void TryRead_SegmentsGone_GoesOnWithTheNextOneThatExists()
    {
        using var writer = WalWriter.Open(WalDirectory);
        using var tailer = new WalTailer(WalDirectory, writer.Published, writer.Published.Position);
        for (byte i = 0; i < 4; i++)
        {
            Assert.Null(writer.Append(BatchOf([i])));
            Assert.Null(writer.StartNextSegment());
        }

        File.Delete(SegmentFile(0));
        File.Delete(SegmentFile(1));
        var read = new List<byte>();
        while (tailer.TryRead(out var record))
        {
            read.Add(record[0]);
        }

        Assert.Equal([0, 2, 3], read);
        Assert.Equal(1, tailer.LostSegments);
    }
}
