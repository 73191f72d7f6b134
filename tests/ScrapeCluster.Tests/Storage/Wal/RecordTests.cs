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
        WriteHistogram(buffer, 0, 0, schema, isFloat);
        WriteHistogram(buffer, -3, 5, schema, isFloat);

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
        WriteHistogram(buffer, 0, 5, 0, isFloat: false);
        foreach (var (min, expected) in new[] { (1005L, 1), (1006L, 0) })
        {
            var batch = new WalBatch();
            new CheckpointFilter(_ => true, min).Add(buffer.Written, batch);
            Assert.Equal(expected, batch.RecordCount);
        }
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

    private static void WriteHistogram(RecordBuffer buffer, long refDelta, long timeDelta, long schema, bool isFloat)
    {
        buffer.Varint(refDelta);
        buffer.Varint(timeDelta);
        buffer.Byte(1);
        buffer.Varint(schema);
        buffer.UInt64(BitConverter.DoubleToUInt64Bits(0.001));
        Number(500);
        Number(70_000);
        buffer.UInt64(BitConverter.DoubleToUInt64Bits(12.5));
        buffer.UVarint(2);
        Span(0, 2);
        Span(300, 1);
        buffer.UVarint(0);
        buffer.UVarint(3);
        Number(1);
        Number(200);
        Number(3);
        buffer.UVarint(0);
        if (schema == -53)
        {
            buffer.UVarint(2);
            buffer.UInt64(BitConverter.DoubleToUInt64Bits(1));
            buffer.UInt64(BitConverter.DoubleToUInt64Bits(2));
        }

        void Number(ulong value)
        {
            if (isFloat)
            {
                buffer.UInt64(BitConverter.DoubleToUInt64Bits(value));
            }
            else
            {
                buffer.UVarint(value);
            }
        }

        void Span(long offset, ulong length)
        {
            buffer.Varint(offset);
            buffer.UVarint(length);
        }
    }
}
