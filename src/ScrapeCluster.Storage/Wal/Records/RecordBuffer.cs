using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>A growing byte buffer with the number forms of records: big-endian words, LEB128, zig-zag, prefixed text.</summary>
internal sealed class RecordBuffer
{
    public const int MaxVarintLength = 10;

    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Room for so many bytes, to be confirmed by <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int size)
    {
        if (_bytes.Length - Length < size)
        {
            Array.Resize(ref _bytes, Math.Max(checked(Length + size), Math.Min(_bytes.Length * 2, Array.MaxLength)));
        }

        return _bytes.AsSpan(Length);
    }

    public void Advance(int size) => Length += size;

    public void Byte(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Reserve(sizeof(ulong)), value);
        Length += sizeof(ulong);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        Length += value.Length;
    }

    public void Text(ReadOnlySpan<byte> value)
    {
        var room = Reserve(MaxVarintLength + value.Length);
        var at = WriteUVarint(room, (ulong)value.Length);
        value.CopyTo(room[at..]);
        Length += at + value.Length;
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        UVarint((ulong)length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
        Length += length;
    }

    public void UVarint(ulong value) => Length += WriteUVarint(Reserve(MaxVarintLength), value);

    public void Varint(long value) => Length += WriteVarint(Reserve(MaxVarintLength), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WriteVarint(Span<byte> destination, long value) => WriteUVarint(destination, (ulong)((value << 1) ^ (value >> 63)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WriteUVarint(Span<byte> destination, ulong value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[at++] = (byte)(value | 0x80);
        }

        destination[at] = (byte)value;
        return at + 1;
    }
}
