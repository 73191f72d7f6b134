using System.Buffers.Binary;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>A message of any fields, written one after the other into a buffer that is used again. For what is too rare, or too varied, for a writer of its own.</summary>
internal sealed class MessageBuffer
{
    private byte[] _bytes = new byte[256];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Varint(int field, ulong value)
    {
        Tag(field, Protobuf.Varint);
        Add(value);
    }

    /// <summary>A number that may well be negative (sint32, sint64).</summary>
    public void Signed(int field, long value) => Varint(field, ZigZag(value));

    public void Double(int field, double value)
    {
        Tag(field, Protobuf.Fixed64);
        Add(value);
    }

    public void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Tag(field, Protobuf.Bytes);
        Add((ulong)bytes.Length);
        Protobuf.Reserve(ref _bytes, Length, bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public void PackedSigned(int field, ReadOnlySpan<long> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        var length = 0;
        foreach (var value in values)
        {
            length += Protobuf.VarintLength(ZigZag(value));
        }

        Tag(field, Protobuf.Bytes);
        Add((ulong)length);
        foreach (var value in values)
        {
            Add(ZigZag(value));
        }
    }

    public void PackedDoubles(int field, ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        Tag(field, Protobuf.Bytes);
        Add((ulong)values.Length * sizeof(double));
        foreach (var value in values)
        {
            Add(value);
        }
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private void Tag(int field, int type) => Add((ulong)((field << 3) | type));

    private void Add(ulong value)
    {
        Protobuf.Reserve(ref _bytes, Length, Protobuf.MaxVarint);
        Length += Protobuf.WriteVarint(_bytes.AsSpan(Length), value);
    }

    private void Add(double value)
    {
        Protobuf.Reserve(ref _bytes, Length, sizeof(double));
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.AsSpan(Length), value);
        Length += sizeof(double);
    }
}
