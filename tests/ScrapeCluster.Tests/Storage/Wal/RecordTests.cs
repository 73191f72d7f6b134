using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>Records that are passed on or passed over, built by hand from FORMAT.md.</summary>
public sealed class RecordTests
{
    [Theory]
    [InlineData(7, 0, false)]
    [InlineData(8, 3, true)]
    [InlineData(9, -53, false)]
    [InlineData(10, -53, true)]
    public void TimedReader_Histograms_GiveRefsAndTimesAndEndWithTheRecord(byte type, long schema, bool isFloat)
    {
        var buffer = new RecordBuffer();
        buffer.Byte(type);
        buffer.UInt64(10);
        buffer.UInt64(1000);
        HandMadeRecords.Histogram(buffer, 0, 0, schema, isFloat);
        HandMadeRecords.Histogram(buffer, -3, 5, schema, isFloat);

        Assert.Equal([(10, 1000), (7, 1005)], ReadTimed(buffer.Written, out var isBroken));
        Assert.False(isBroken);
        ReadTimed(buffer.Written[..^1], out isBroken);
        Assert.True(isBroken);
    }

    [Fact]
    public void TimedReader_Exemplars_GiveRefsAndTimes()
    {
        var buffer = new RecordBuffer();
        buffer.Byte(4);
        buffer.UInt64(1);
        buffer.UInt64(50);
        for (var i = 0; i < 2; i++)
        {
            buffer.Varint(i);
            buffer.Varint(i);
            buffer.UInt64(0);
            buffer.UVarint(1);
            buffer.Text("trace"u8);
            buffer.Text("abc"u8);
        }

        Assert.Equal([(1, 50), (2, 51)], ReadTimed(buffer.Written, out var isBroken));
        Assert.False(isBroken);
    }

    [Fact]
    public void CheckpointFilter_Histograms_StayWhileOneEntryIsYoungEnough()
    {
        var buffer = new RecordBuffer();
        buffer.Byte(7);
        buffer.UInt64(10);
        buffer.UInt64(1000);
        HandMadeRecords.Histogram(buffer, 0, 5, 0, isFloat: false);
        foreach (var (min, expected) in new[] { (1005L, 1), (1006L, 0) })
        {
            var batch = new WalBatch();
            new CheckpointFilter(_ => true, min).Add(buffer.Written, batch);
            Assert.Equal(expected, batch.RecordCount);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public void CheckpointFilter_PassedKinds_KeepTheBytesOfLivingAndYoungEntries(byte type)
    {
        (ulong Ref, long TimestampMs)[] all = [(10, 999), (10, 1000), (11, 1000), (12, 5000), (3, 1000)];
        (ulong Ref, long TimestampMs)[] kept = [(10, 1000), (12, 5000), (3, 1000)];
        var batch = new WalBatch();
        var filter = new CheckpointFilter(seriesRef => seriesRef != 11, 1000);

        filter.Add(Record(all), batch);

        Assert.Equal(Record(kept), batch.Record(0).ToArray());
        Assert.Equal(3, filter.Counts.Passed);
        filter.Add(Record((11, 1000)), batch);
        Assert.Equal(1, batch.RecordCount);

        byte[] Record(params (ulong, long)[] entries) =>
            type == 4 ? HandMadeRecords.Exemplars(10, 500, entries) : HandMadeRecords.Histograms(type, 10, 500, entries);
    }

    [Fact]
    public void CheckpointFilter_Metadata_KeepsTheNewestWithFieldsThatAreNotKnown()
    {
        var buffer = new RecordBuffer();
        buffer.Byte(6);
        foreach (var colour in (string[])["red", "blue"])
        {
            buffer.UVarint(7);
            buffer.Byte(1);
            buffer.UVarint(1);
            buffer.Text("COLOUR"u8);
            buffer.Text(System.Text.Encoding.UTF8.GetBytes(colour));
        }

        var batch = new WalBatch();
        var filter = new CheckpointFilter(_ => true, 0);
        filter.Add(buffer.Written, batch);
        filter.AddMetadata(batch);

        var entry = buffer.Written[^("COLOUR".Length + "blue".Length + 5)..];
        Assert.Equal([6, .. entry], batch.Record(0).ToArray());
    }

    [Fact]
    public void PassedRecord_EveryKind_CountsEntriesAndFindsTheHighestReference()
    {
        Assert.Equal(new PassedRecord(2, 12, false), PassedRecord.Of(HandMadeRecords.MmapMarkers(12, 3)));
        Assert.Equal(new PassedRecord(3, 20, false), PassedRecord.Of(HandMadeRecords.Exemplars(10, 0, (10, 1), (20, 2), (5, 3))));
        Assert.Equal(new PassedRecord(1, 9, false), PassedRecord.Of(HandMadeRecords.Histograms(8, 4, 0, (9, 1))));
        Assert.Equal(new PassedRecord(0, 0, true), PassedRecord.Of(HandMadeRecords.Histograms(8, 4, 0, (9, 1)).AsSpan()[..^1]));
        Assert.Equal(default, PassedRecord.Of([99, 1, 2, 3]));
    }

    [Fact]
    public void CheckpointFilter_Tombstones_StayForKnownSeriesAndYoungRanges()
    {
        var old = new WalBatch();
        old.AddTombstone(1, 0, 99);
        old.AddTombstone(1, 0, 100);
        old.AddTombstone(2, 0, 100);
        var batch = new WalBatch();
        new CheckpointFilter(seriesRef => seriesRef == 1, 100).Add(old.Record(0), batch);

        var kept = new TombstonesRecordReader(batch.Record(0));
        Assert.True(kept.MoveNext());
        Assert.Equal((1ul, 0L, 100L), (kept.Ref, kept.MinTimestampMs, kept.MaxTimestampMs));
        Assert.False(kept.MoveNext());
    }

    [Fact]
    public void MetadataReader_UnknownFields_ArePassedOver()
    {
        var buffer = new RecordBuffer();
        buffer.Byte(6);
        buffer.UVarint(300);
        buffer.Byte((byte)MetricType.Summary);
        buffer.UVarint(3);
        buffer.Text("HELP"u8);
        buffer.Text("words"u8);
        buffer.Text("COLOUR"u8);
        buffer.Text("red"u8);
        buffer.Text("UNIT"u8);
        buffer.Text("seconds"u8);

        var reader = new MetadataRecordReader(buffer.Written);
        Assert.True(reader.MoveNext());
        Assert.Equal((300ul, new MetricMetadata(MetricType.Summary, "words", "seconds")), (reader.Ref, reader.ToMetadata()));
        Assert.False(reader.MoveNext());
        Assert.False(reader.IsBroken);
    }

    [Fact]
    public void Readers_RandomBytes_EndWithoutThrowing()
    {
        var random = new Random(1);
        var filter = new CheckpointFilter(_ => true, long.MinValue);
        for (var round = 0; round < 20_000; round++)
        {
            var record = new byte[1 + random.Next(80)];
            random.NextBytes(record);
            record[0] = (byte)random.Next(16);
            filter.Add(record, new WalBatch());
        }

        Assert.True(filter.Counts.BrokenRecords > 0);
    }

    [Fact]
    public void WriteFault_FullDevice_SaysThatRoomIsMissing()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "this system has no /dev/full");
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var failure = Assert.Throws<IOException>(() => full.Write([1]));
        Assert.True(WalWriteFault.Of("segment", 7, failure).DiskFull);
    }

    private static List<(ulong Ref, long TimestampMs)> ReadTimed(ReadOnlySpan<byte> record, out bool isBroken)
    {
        var entries = new List<(ulong, long)>();
        var reader = new TimedRecordReader(record);
        while (reader.MoveNext())
        {
            entries.Add((reader.Ref, reader.TimestampMs));
        }

        isBroken = reader.IsBroken;
        return entries;
    }
}
