using System.Buffers.Binary;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>Writes samples as fields of a time series: both versions have them under the same numbers. Remembers the last time, which most samples of a scrape share.</summary>
internal struct SampleWriter
{
    /// <summary>Of the field; 8 bytes more are written over and not counted.</summary>
    public const int MaxLength = 2 + 1 + sizeof(double) + 1 + Protobuf.MaxVarint;

    private const byte SampleTag = (2 << 3) | Protobuf.Bytes;
    private const byte ValueTag = (1 << 3) | Protobuf.Fixed64;
    private const byte TimestampTag = (2 << 3) | Protobuf.Varint;

    private long _timestampMs;
    private int _timeLength;
    private ulong _timeBytes;

    /// <summary>Of the whole field.</summary>
    public int LengthOf(long timestampMs)
    {
        Remember(timestampMs);
        return 2 + 1 + sizeof(double) + 1 + _timeLength;
    }

    public int Write(Span<byte> destination, long timestampMs, double value)
    {
        Remember(timestampMs);
        destination[0] = SampleTag;
        destination[1] = (byte)(1 + sizeof(double) + 1 + _timeLength);

        // Zero is written out, unlike proto3 would: so -0 keeps its sign.
        destination[2] = ValueTag;
        BinaryPrimitives.WriteDoubleLittleEndian(destination[3..], value);
        destination[11] = TimestampTag;
        if (_timeLength <= sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[12..], _timeBytes);
        }
        else
        {
            Protobuf.WriteVarint(destination[12..], (ulong)timestampMs);
        }

        return 12 + _timeLength;
    }

    private void Remember(long timestampMs)
    {
        if (timestampMs == _timestampMs && _timeLength > 0)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[Protobuf.MaxVarint];
        bytes.Clear();
        (_timestampMs, _timeLength) = (timestampMs, Protobuf.WriteVarint(bytes, (ulong)timestampMs));
        _timeBytes = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
