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
    /// <summary>The format's source is taken in pieces of this length, which know nothing of one another.</summary>
    public const int BlockSize = 1 << 16;

    /// <summary>Of the length that stands before the pieces.</summary>
    public const int MaxHeaderLength = 5;

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
        var at = SnappyElements.WriteLength(destination, (uint)source.Length);
        while (!source.IsEmpty)
        {
            var block = source[..Math.Min(source.Length, BlockSize)];
            at += EncodeBlock(block, destination[at..]);
            source = source[block.Length..];
        }

        return at;
    }

    /// <summary>
    /// For sources that are not in one piece: writes the head, which says how long the source is. Behind it comes what <see cref="EncodePiece"/> makes
    /// of each piece in turn.
    /// </summary>
    public static int WriteHeader(Span<byte> destination, uint sourceLength) => SnappyElements.WriteLength(destination, sourceLength);

    /// <summary>At most <see cref="BlockSize"/> bytes; <paramref name="destination"/> must hold <see cref="MaxLength"/> bytes.</summary>
    public int EncodePiece(ReadOnlySpan<byte> piece, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(piece.Length, BlockSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, MaxLength(piece.Length));
        return piece.IsEmpty ? 0 : EncodeBlock(piece, destination);
    }

    private int EncodeBlock(ReadOnlySpan<byte> block, Span<byte> destination)
    {
        if (block.Length <= InputMargin)
        {
            return SnappyElements.WriteLiteral(block, destination);
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
                return written + SnappyElements.WriteLiteral(block[literalStart..], destination[written..]);
            }

            if (literalStart < position)
            {
                written += SnappyElements.WriteLiteral(block[literalStart..position], destination[written..]);
            }

            // 2. Copies, one after the other while the next position matches too.
            uint current;
            do
            {
                var length = 4 + SnappyElements.MatchLength(block, candidate + 4, position + 4);
                written += SnappyElements.WriteCopy(destination[written..], position - candidate, length);
                position += length;
                literalStart = position;
                if (position >= limit)
                {
                    return written + SnappyElements.WriteLiteral(block[literalStart..], destination[written..]);
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
}
