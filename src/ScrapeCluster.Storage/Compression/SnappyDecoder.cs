using System.Buffers.Binary;

namespace ScrapeCluster.Storage.Compression;

/// <summary>Reads snappy's block format into a buffer of the caller; damaged input is an answer, not an exception.</summary>
public static class SnappyDecoder
{
    /// <summary>No block grows by more: the densest element makes 64 bytes of 3. Bounds what a damaged length may allocate.</summary>
    public const long MaxRatio = 22;

    /// <summary>The length that the block says it has when decompressed.</summary>
    public static bool TryReadLength(ReadOnlySpan<byte> block, out int length, out int headerLength)
    {
        ulong value = 0;
        for (var i = 0; i < Math.Min(block.Length, 5); i++)
        {
            value |= (ulong)(block[i] & 0x7F) << (7 * i);
            if (block[i] < 0x80)
            {
                length = (int)Math.Min(value, int.MaxValue);
                headerLength = i + 1;
                return value <= (ulong)Array.MaxLength;
            }
        }

        length = headerLength = 0;
        return false;
    }

    /// <summary>Decompresses; false when the block is damaged or its length is not <paramref name="destination"/>'s.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> block, Span<byte> destination)
    {
        if (!TryReadLength(block, out var expected, out var at) || expected != destination.Length)
        {
            return false;
        }

        var written = 0;
        while (at < block.Length)
        {
            var tag = block[at++];
            var ok = (tag & 3) == 0
                ? TryLiteral(block, tag, ref at, destination, ref written)
                : TryCopy(block, tag, ref at, destination, ref written);
            if (!ok)
            {
                return false;
            }
        }

        return written == destination.Length;
    }

    private static bool TryLiteral(ReadOnlySpan<byte> block, byte tag, ref int at, Span<byte> destination, ref int written)
    {
        long length = tag >> 2;
        if (length >= 60)
        {
            var lengthBytes = (int)length - 59;
            if (block.Length - at < lengthBytes)
            {
                return false;
            }

            length = 0;
            for (var i = 0; i < lengthBytes; i++)
            {
                length |= (long)block[at + i] << (8 * i);
            }

            at += lengthBytes;
        }

        length++;
        if (length > block.Length - at || length > destination.Length - written)
        {
            return false;
        }

        block.Slice(at, (int)length).CopyTo(destination[written..]);
        at += (int)length;
        written += (int)length;
        return true;
    }

    private static bool TryCopy(ReadOnlySpan<byte> block, byte tag, ref int at, Span<byte> destination, ref int written)
    {
        var trailer = (tag & 3) switch { 1 => 1, 2 => 2, _ => 4 };
        if (block.Length - at < trailer)
        {
            return false;
        }

        var (length, offset) = trailer switch
        {
            1 => (4 + ((tag >> 2) & 7), (uint)((tag >> 5 << 8) | block[at])),
            2 => (1 + (tag >> 2), BinaryPrimitives.ReadUInt16LittleEndian(block[at..])),
            _ => (1 + (tag >> 2), BinaryPrimitives.ReadUInt32LittleEndian(block[at..])),
        };
        at += trailer;
        if (offset == 0 || offset > (uint)written || length > destination.Length - written)
        {
            return false;
        }

        var from = written - (int)offset;
        if (offset >= (uint)length)
        {
            destination.Slice(from, length).CopyTo(destination[written..]);
        }
        else
        {
            // An overlapping copy repeats what it has just written.
            for (var i = 0; i < length; i++)
            {
                destination[written + i] = destination[from + i];
            }
        }

        written += length;
        return true;
    }
}
