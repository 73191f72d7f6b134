using System.Buffers.Binary;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.RemoteRead;

/// <summary>Protobuf by hand into one growing array, for messages of which there are many.</summary>
internal sealed class WireBuffer(int capacity = 16 * 1024)
{
    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int BytesType = 2;
    private const int MaxVarint = 10;

    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Varint(ulong value)
    {
        Reserve(MaxVarint);
        for (; value >= 0x80; value >>= 7)
        {
            _bytes[Length++] = (byte)(value | 0x80);
        }

        _bytes[Length++] = (byte)value;
    }

    /// <summary>Left out when zero, as proto3 wants it.</summary>
    public void Int64(int field, long value)
    {
        if (value != 0)
        {
            Tag(field, VarintType);
            Varint((ulong)value);
        }
    }

    /// <summary>Written also when zero, which proto3 would leave out: so -0 keeps its sign.</summary>
    public void Double(int field, double value)
    {
        Tag(field, Fixed64Type);
        Reserve(sizeof(double));
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.AsSpan(Length), value);
        Length += sizeof(double);
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Begin(field, value.Length);
        Reserve(value.Length);
        value.CopyTo(_bytes.AsSpan(Length));
        Length += value.Length;
    }

    /// <summary>What stands before a message or text of that length.</summary>
    public void Begin(int field, long length)
    {
        Tag(field, BytesType);
        Varint((ulong)length);
    }

    /// <summary>The labels of a series, each a <c>Label</c> in the field.</summary>
    public void Labels(int field, Labels labels)
    {
        foreach (var label in labels)
        {
            Begin(field, LabelLength(label));
            Bytes(1, label.Name);
            Bytes(2, label.Value);
        }
    }

    /// <summary>Of a <c>Label</c> without what stands before it.</summary>
    public static int LabelLength(LabelSpan label) => BytesLength(label.Name.Length) + BytesLength(label.Value.Length);

    /// <summary>Of a text or message of that length with what stands before it, in a field below 16.</summary>
    public static int BytesLength(int length) => 1 + VarintLength((ulong)length) + length;

    /// <summary>Of a field below 16 as <see cref="Int64"/> writes it.</summary>
    public static int Int64Length(long value) => value == 0 ? 0 : 1 + VarintLength((ulong)value);

    public static int VarintLength(ulong value)
    {
        var length = 1;
        for (; value >= 0x80; value >>= 7)
        {
            length++;
        }

        return length;
    }

    private void Tag(int field, int type) => Varint((ulong)((field << 3) | type));

    private void Reserve(int length)
    {
        if (_bytes.Length - Length < length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + length));
        }
    }
}
