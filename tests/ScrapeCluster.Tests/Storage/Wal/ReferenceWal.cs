using System.Buffers.Binary;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>
/// The container read the plainest way, straight from the format page (tsdb/docs/format/wal.md): the truth that the reader and
/// the writer are compared with. Throws at anything odd.
/// </summary>
internal static class ReferenceWal
{
    private const int Page = 32768;

    public static List<byte[]> Records(byte[] segment)
    {
        var records = new List<byte[]>();
        var parts = new List<byte>();
        var at = 0;
        while (at < segment.Length)
        {
            var flags = segment[at];
            if ((flags & 7) == 0)
            {
                at = ((at / Page) + 1) * Page;
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(at + 1));
            var crc = BinaryPrimitives.ReadUInt32BigEndian(segment.AsSpan(at + 3));
            var data = segment.AsSpan(at + 7, length);
            Assert.Equal(Crc32C(data), crc);
            Assert.True((at % Page) + 7 + length <= Page, "a fragment crosses a page");
            parts.AddRange(data);
            at += 7 + length;
            if ((flags & 7) is 1 or 4)
            {
                var record = parts.ToArray();
                records.Add((flags & 8) != 0 ? IronSnappy.Snappy.Decode(record) : record);
                parts.Clear();
            }
        }

        Assert.Empty(parts);
        return records;
    }

    /// <summary>Bit by bit.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        return ~crc;
    }

    public static List<(ulong Ref, long TimestampMs, ulong Bits)> Samples(byte[] record)
    {
        Assert.Equal(2, record[0]);
        var at = 1;
        var baseRef = BinaryPrimitives.ReadUInt64BigEndian(record.AsSpan(at));
        var baseTime = BinaryPrimitives.ReadInt64BigEndian(record.AsSpan(at + 8));
        at += 16;
        var samples = new List<(ulong, long, ulong)>();
        while (at < record.Length)
        {
            var refDelta = Varint(record, ref at);
            var timeDelta = Varint(record, ref at);
            samples.Add((baseRef + (ulong)refDelta, baseTime + timeDelta, BinaryPrimitives.ReadUInt64BigEndian(record.AsSpan(at))));
            at += 8;
        }

        return samples;
    }

    private static long Varint(byte[] record, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = record[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }
    }
}
