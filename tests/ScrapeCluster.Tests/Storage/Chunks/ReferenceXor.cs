using System.Numerics;

namespace ScrapeCluster.Tests.Storage.Chunks;

/// <summary>The clear version of the XOR chunk encoder: one bit at a time, straight from the format page.</summary>
internal sealed class ReferenceXor
{
    private readonly List<bool> _bits = [];
    private long _timestamp;
    private long _delta;
    private ulong _value;
    private int _leading = -1;
    private int _trailing;
    private int _count;

    public int LengthBits => _bits.Count;

    public void Append(long timestamp, double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        if (_count == 0)
        {
            Uvarint((ulong)(timestamp << 1) ^ (ulong)(timestamp >> 63));
            Bits(bits, 64);
        }
        else
        {
            var delta = timestamp - _timestamp;
            if (_count == 1)
            {
                Uvarint((ulong)delta);
            }
            else
            {
                DeltaOfDelta(delta - _delta);
            }

            Value(bits ^ _value);
            _delta = delta;
        }

        _timestamp = timestamp;
        _value = bits;
        _count++;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[(_bits.Count + 7) / 8];
        for (var i = 0; i < _bits.Count; i++)
        {
            bytes[i / 8] |= (byte)(_bits[i] ? 0x80 >> (i % 8) : 0);
        }

        return bytes;
    }

    private void DeltaOfDelta(long value)
    {
        if (value == 0)
        {
            Bits(0, 1);
            return;
        }

        foreach (var (prefix, prefixBits, bits) in new[] { (0b10UL, 2, 14), (0b110UL, 3, 17), (0b1110UL, 4, 20) })
        {
            var largest = 1L << (bits - 1);
            if (value > -largest && value <= largest)
            {
                Bits(prefix, prefixBits);
                Bits((ulong)value, bits);
                return;
            }
        }

        Bits(0b1111, 4);
        Bits((ulong)value, 64);
    }

    private void Value(ulong xor)
    {
        if (xor == 0)
        {
            Bits(0, 1);
            return;
        }

        var leading = Math.Min(BitOperations.LeadingZeroCount(xor), 31);
        var trailing = BitOperations.TrailingZeroCount(xor);
        if (_leading >= 0 && leading >= _leading && trailing >= _trailing)
        {
            Bits(0b10, 2);
            Bits(xor >> _trailing, 64 - _leading - _trailing);
            return;
        }

        (_leading, _trailing) = (leading, trailing);
        var significant = 64 - leading - trailing;
        Bits(0b11, 2);
        Bits((ulong)leading, 5);
        Bits(significant == 64 ? 0 : (ulong)significant, 6);
        Bits(xor >> trailing, significant);
    }

    private void Uvarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Bits((value & 0x7f) | 0x80, 8);
        }

        Bits(value, 8);
    }

    private void Bits(ulong value, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            _bits.Add(((value >> i) & 1) == 1);
        }
    }
}
