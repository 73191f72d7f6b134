using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ScrapeCluster.Storage.Chunks;

/// <summary>
/// Walks the samples of an XOR chunk (format: Prometheus tsdb/docs/format/chunks.md, behind the two bytes of count).
/// Reads no bit beyond those of the given number of samples. <see cref="Failed"/> when the data is cut or not a chunk.
/// </summary>
internal ref struct XorReader(ReadOnlySpan<byte> data, int sampleCount)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private readonly int _count = sampleCount;
    private long _timestamp;
    private long _delta;
    private ulong _value;
    private int _read;
    private int _bit;
    private int _leading;
    private int _trailing;

    public readonly long TimestampMs => _timestamp;

    public readonly double Value => BitConverter.UInt64BitsToDouble(_value);

    public bool Failed { get; private set; }

    public bool MoveNext()
    {
        if (_read == _count)
        {
            return false;
        }

        switch (_read)
        {
            case 0:
                _timestamp = ReadVarint();
                _value = ReadBits(64);
                break;
            case 1:
                _delta = (long)ReadUvarint();
                _timestamp += _delta;
                ReadValue();
                break;
            default:
                _delta += ReadDeltaOfDelta();
                _timestamp += _delta;
                ReadValue();
                break;
        }

        _read++;
        return !Failed;
    }

    private long ReadDeltaOfDelta()
    {
        if (ReadBits(1) == 0)
        {
            return 0;
        }

        if (ReadBits(1) == 0)
        {
            return Signed(14);
        }

        if (ReadBits(1) == 0)
        {
            return Signed(17);
        }

        return ReadBits(1) == 0 ? Signed(20) : (long)ReadBits(64);
    }

    /// <summary>The range of n bits is asymmetric: 2^(n-1) is the largest value, not the smallest.</summary>
    private long Signed(int bits)
    {
        var value = (long)ReadBits(bits);
        return value > 1L << (bits - 1) ? value - (1L << bits) : value;
    }

    private void ReadValue()
    {
        if (ReadBits(1) == 0)
        {
            return;
        }

        if (ReadBits(1) == 1)
        {
            _leading = (int)ReadBits(5);
            var significant = (int)ReadBits(6);
            significant = significant == 0 ? 64 : significant;
            _trailing = 64 - _leading - significant;
            if (_trailing < 0)
            {
                Failed = true;
                return;
            }
        }

        _value ^= ReadBits(64 - _leading - _trailing) << _trailing;
    }

    private long ReadVarint()
    {
        var value = ReadUvarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong ReadUvarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = ReadBits(8);
            value |= (part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        Failed = true;
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong ReadBits(int count)
    {
        var at = _bit >> 3;
        var skip = _bit & 7;
        if (count + skip <= 64 && at + 8 <= _data.Length)
        {
            _bit += count;
            var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(_data), at));
            word = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word;
            return word << skip >> (64 - count);
        }

        return ReadBitsSlowly(count);
    }

    private ulong ReadBitsSlowly(int count)
    {
        ulong value = 0;
        while (count > 0)
        {
            var at = _bit >> 3;
            if (at >= _data.Length)
            {
                Failed = true;
                return 0;
            }

            var free = 8 - (_bit & 7);
            var take = Math.Min(free, count);
            value = (value << take) | (uint)((_data[at] >> (free - take)) & ((1 << take) - 1));
            _bit += take;
            count -= take;
        }

        return value;
    }
}
