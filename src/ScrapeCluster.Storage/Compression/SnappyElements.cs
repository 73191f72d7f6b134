using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ScrapeCluster.Storage.Compression;

/// <summary>What snappy's blocks are made of: a length in front, then literals and copies.</summary>
internal static class SnappyElements
{
    public static int WriteLength(Span<byte> destination, uint length)
    {
        var at = 0;
        for (; length >= 0x80; length >>= 7)
        {
            destination[at++] = (byte)(length | 0x80);
        }

        destination[at++] = (byte)length;
        return at;
    }

    /// <summary>How many bytes are equal from both places on.</summary>
    public static int MatchLength(ReadOnlySpan<byte> block, int candidate, int position)
    {
        ref var source = ref MemoryMarshal.GetReference(block);
        var start = position;
        while (position + 8 <= block.Length)
        {
            var difference = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, position))
                ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, candidate));
            if (difference != 0)
            {
                // Equal bytes before the first difference, on a little-endian machine as all that .NET runs on.
                return position - start + (BitOperations.TrailingZeroCount(difference) >> 3);
            }

            position += 8;
            candidate += 8;
        }

        while (position < block.Length && block[position] == block[candidate])
        {
            position++;
            candidate++;
        }

        return position - start;
    }

    /// <summary>Bytes that stand for themselves; nothing for none.</summary>
    public static int WriteLiteral(ReadOnlySpan<byte> literal, Span<byte> destination)
    {
        if (literal.IsEmpty)
        {
            return 0;
        }

        var length = literal.Length - 1;
        int at;
        if (length < 60)
        {
            destination[0] = (byte)(length << 2);
            at = 1;
        }
        else if (length < 1 << 8)
        {
            destination[0] = 60 << 2;
            destination[1] = (byte)length;
            at = 2;
        }
        else if (length < 1 << 16)
        {
            destination[0] = 61 << 2;
            BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], (ushort)length);
            at = 3;
        }
        else
        {
            destination[0] = 63 << 2;
            BinaryPrimitives.WriteInt32LittleEndian(destination[1..], length);
            at = 5;
        }

        literal.CopyTo(destination[at..]);
        return at + literal.Length;
    }

    /// <param name="offset">How far back, below 65536.</param>
    /// <param name="length">At least 4.</param>
    public static int WriteCopy(Span<byte> destination, int offset, int length)
    {
        var at = 0;

        // Not 64 at once when fewer than 4 would be left: a copy of 1 to 3 bytes has no short form.
        while (length >= 68)
        {
            at += WriteLongCopy(destination[at..], offset, 64);
            length -= 64;
        }

        if (length > 64)
        {
            at += WriteLongCopy(destination[at..], offset, 60);
            length -= 60;
        }

        if (length >= 12 || offset >= 2048)
        {
            return at + WriteLongCopy(destination[at..], offset, length);
        }

        destination[at] = (byte)((offset >> 8 << 5) | ((length - 4) << 2) | 1);
        destination[at + 1] = (byte)offset;
        return at + 2;
    }

    private static int WriteLongCopy(Span<byte> destination, int offset, int length)
    {
        destination[0] = (byte)(((length - 1) << 2) | 2);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], (ushort)offset);
        return 3;
    }
}
