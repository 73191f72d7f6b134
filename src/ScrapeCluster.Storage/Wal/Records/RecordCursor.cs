using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>
/// Walks the bytes of one record. Running over the end is remembered in <see cref="IsBroken"/> and answered with zeros, so
/// that a decoder checks once an entry instead of once a field.
/// </summary>
internal ref struct RecordCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public bool IsBroken { get; private set; }

    public readonly int Position => _at;

    public readonly bool AtEnd => _at >= _bytes.Length;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public uint UInt32() => Take(sizeof(uint)) is { Length: > 0 } word ? BinaryPrimitives.ReadUInt32BigEndian(word) : 0;

    public ulong UInt64() => Take(sizeof(ulong)) is { Length: > 0 } word ? BinaryPrimitives.ReadUInt64BigEndian(word) : 0;

    public double Double() => BitConverter.UInt64BitsToDouble(UInt64());

    public ReadOnlySpan<byte> Text()
    {
        var length = UVarint();
        return length <= int.MaxValue ? Take((int)length) : Break();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Varint()
    {
        var value = UVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong UVarint()
    {
        if (_at < _bytes.Length && _bytes[_at] < 0x80)
        {
            return _bytes[_at++];
        }

        return LongUVarint();
    }

    private ulong LongUVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64 && _at < _bytes.Length; shift += 7)
        {
            var part = _bytes[_at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        Break();
        return 0;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length - _at)
        {
            return Break();
        }

        var part = _bytes.Slice(_at, length);
        _at += length;
        return part;
    }

    private ReadOnlySpan<byte> Break()
    {
        IsBroken = true;
        _at = _bytes.Length;
        return default;
    }
}
