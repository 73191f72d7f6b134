using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ScrapeCluster.Storage.Compression;

/// <summary>
/// Snappy's block format (https://github.com/google/snappy/blob/main/format_description.txt), written into a buffer of the
/// caller. An own encoder because the one on the package source answers every call with a new array: one a WAL record.
/// Holds its hash table, so one instance serves one thread.
/// </summary>
public sealed class SnappyEncoder
{
    private const int BlockSize = 1 << 16;
    private const int MaxTableBits = 14;

    /// <summary>The last bytes of a block are never the start of a match, so that reads of 8 bytes stay inside.</summary>
    private const int InputMargin = 15;

    private readonly ushort[] _table = new ushort[1 << MaxTableBits];

    /// <summary>A length that <see cref="Encode"/> never exceeds.</summary>
    public static int MaxLength(int sourceLength) => checked(32 + sourceLength + (sourceLength / 6));

    /// <summary>Writes the compressed form; <paramref name="destination"/> must hold <see cref="MaxLength"/> bytes.</summary>
    public int Encode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, MaxLength(source.Length));
        var at = WriteLength(destination, (uint)source.Length);
        while (!source.IsEmpty)
        {
            var block = source[..Math.Min(source.Length, BlockSize)];
            at += EncodeBlock(block, destination[at..]);
            source = source[block.Length..];
        }

        return at;
    }

    private static int WriteLength(Span<byte> destination, uint length)
    {
        var at = 0;
        for (; length >= 0x80; length >>= 7)
        {
            destination[at++] = (byte)(length | 0x80);
        }

        destination[at++] = (byte)length;
        return at;
    }

    private int EncodeBlock(ReadOnlySpan<byte> block, Span<byte> destination)
    {
        if (block.Length <= InputMargin)
        {
            return WriteLiteral(block, destination);
        }

        var bits = Math.Clamp(BitOperations.Log2((uint)block.Length - 1) + 1, 8, MaxTableBits);
        var table = _table.AsSpan(0, 1 << bits);
        table.Clear();
        ref var slots = ref MemoryMarshal.GetReference(table);
        ref var source = ref MemoryMarshal.GetReference(block);
        var shift = 32 - bits;
        var limit = block.Length - InputMargin;
        var literalStart = 0;
        var written = 0;
        var position = 1;
        while (true)
        {
            // 1. Four bytes seen before, and what stands before them as it is.
            position = FindMatch(ref source, ref slots, shift, position, limit, out var candidate);
            if (position >= limit)
            {
                return written + WriteLiteral(block[literalStart..], destination[written..]);
            }

            if (literalStart < position)
            {
                written += WriteLiteral(block[literalStart..position], destination[written..]);
            }

            // 2. Copies, one after the other while the next position matches too.
            uint current;
            do
            {
                var length = 4 + MatchLength(block, candidate + 4, position + 4);
                written += WriteCopy(destination[written..], position - candidate, length);
                position += length;
                literalStart = position;
                if (position >= limit)
                {
                    return written + WriteLiteral(block[literalStart..], destination[written..]);
                }

                Note(ref slots, shift, Load32(ref source, position - 1), position - 1);
                current = Load32(ref source, position);
                candidate = Note(ref slots, shift, current, position);
            }
            while (Load32(ref source, candidate) == current);

            position++;
        }
    }

    /// <summary>
    /// The next position whose four bytes stand at <paramref name="candidate"/> too; the limit or more when there is none. The step grows while
    /// nothing is found, so that random data passes quickly.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FindMatch(ref byte source, ref ushort slots, int shift, int position, int limit, out int candidate)
    {
        candidate = 0;
        for (var searched = 32; position < limit; position += searched++ >> 5)
        {
            var current = Load32(ref source, position);
            candidate = Note(ref slots, shift, current, position);
            if (Load32(ref source, candidate) == current)
            {
                break;
            }
        }

        return position;
    }

    /// <summary>Enters the position of four bytes into the table; answers with the one that stood there, of these or of others with their hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Note(ref ushort slots, int shift, uint bytes, int position)
    {
        ref var slot = ref Unsafe.Add(ref slots, (int)(bytes * 0x1E35A7BD >> shift));
        var before = slot;
        slot = (ushort)position;
        return before;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Load32(ref byte source, int at) => Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, at));

    private static int MatchLength(ReadOnlySpan<byte> block, int candidate, int position)
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

    private static int WriteLiteral(ReadOnlySpan<byte> literal, Span<byte> destination)
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
        else
        {
            destination[0] = 61 << 2;
            BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], (ushort)length);
            at = 3;
        }

        literal.CopyTo(destination[at..]);
        return at + literal.Length;
    }

    private static int WriteCopy(Span<byte> destination, int offset, int length)
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
