using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>Records of kinds that nothing here writes, built from FORMAT.md.</summary>
internal static class HandMadeRecords
{
    /// <summary>Histograms (types 7 to 10) of the given references and times; the differences refer to the base, whatever it is.</summary>
    public static byte[] Histograms(byte type, ulong baseRef, long baseMs, params (ulong Ref, long TimestampMs)[] entries)
    {
        var buffer = Header(type, baseRef, baseMs);
        foreach (var (seriesRef, timestampMs) in entries)
        {
            Histogram(buffer, (long)(seriesRef - baseRef), timestampMs - baseMs, type is 9 or 10 ? -53 : 3, isFloat: type is 8 or 10);
        }

        return buffer.Written.ToArray();
    }

    public static byte[] Exemplars(ulong baseRef, long baseMs, params (ulong Ref, long TimestampMs)[] entries)
    {
        var buffer = Header(4, baseRef, baseMs);
        foreach (var (seriesRef, timestampMs) in entries)
        {
            buffer.Varint((long)(seriesRef - baseRef));
            buffer.Varint(timestampMs - baseMs);
            buffer.UInt64(BitConverter.DoubleToUInt64Bits(seriesRef));
            buffer.UVarint(1);
            buffer.Text("trace"u8);
            buffer.Text("abc"u8);
        }

        return buffer.Written.ToArray();
    }

    public static byte[] MmapMarkers(params ulong[] refs)
    {
        var buffer = new RecordBuffer();
        buffer.Byte(5);
        foreach (var seriesRef in refs)
        {
            buffer.UInt64(seriesRef);
            buffer.UInt64(17);
        }

        return buffer.Written.ToArray();
    }

    public static void Histogram(RecordBuffer buffer, long refDelta, long timeDelta, long schema, bool isFloat)
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

    private static RecordBuffer Header(byte type, ulong baseRef, long baseMs)
    {
        var buffer = new RecordBuffer();
        buffer.Byte(type);
        buffer.UInt64(baseRef);
        buffer.UInt64((ulong)baseMs);
        return buffer;
    }
}
