using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Chunks;

/// <summary>
/// Appends to the open XOR chunk of a series, straight into its chain of blocks: a sample becomes one or two words, each
/// written with one 64-bit read-or-write. Its clear twin is <c>ReferenceXor</c> in the tests, compared by random input.
/// Format: see <see cref="XorReader"/>.
/// </summary>
internal ref struct XorAppender
{
    private readonly ChunkBlocks _blocks;
    private uint _block;
    private int _at;

    private XorAppender(ChunkBlocks blocks, uint block, int at)
    {
        _blocks = blocks;
        _block = block;
        _at = at;
    }

    /// <summary>Starts a chunk with its first sample.</summary>
    public static void Start(ref SeriesRow row, ChunkBlocks blocks, long timestampMs, ulong valueBits)
    {
        var first = blocks.Allocate();
        var appender = new XorAppender(blocks, first, 0);
        var bits = appender.WriteUvarint((ulong)(timestampMs << 1) ^ (ulong)(timestampMs >> 63));
        appender.Write(valueBits, 64);

        row.TailBlock = appender._block;
        row.Leading = SeriesRow.NoWindow;
        row.Trailing = 0;
        row.LastDeltaMs = 0;
        // A release write, after that of the link to the chunk before: a reader that sees this beginning looks there for older times.
        Volatile.Write(ref row.OpenMinMs, timestampMs);
        row.LastTimestampMs = timestampMs;
        row.LastValueBits = valueBits;
        Volatile.Write(ref row.Open, ChunkRef.InMemory(first, 1, bits + 64).Word);
    }

    /// <summary>Appends a sample that is newer than the last one to a chunk that has room for it.</summary>
    public static void Append(ref SeriesRow row, ChunkBlocks blocks, long timestampMs, ulong valueBits)
    {
        var open = new ChunkRef(row.Open);
        var length = open.LengthBits;
        var appender = new XorAppender(blocks, row.TailBlock, ((length - 1) % ChunkBlocks.PayloadBits) + 1);

        var delta = timestampMs - row.LastTimestampMs;
        ulong head = 0;
        var headBits = 1;
        if (open.SampleCount == 1)
        {
            length += appender.WriteUvarint((ulong)delta);
            headBits = 0;
        }
        else if (delta != row.LastDeltaMs)
        {
            headBits = appender.EncodeDeltaOfDelta(delta - row.LastDeltaMs, out head, out var written);
            length += written;
        }

        length += headBits + appender.WriteValue(ref row, valueBits, head, headBits);

        row.TailBlock = appender._block;
        row.LastDeltaMs = delta;
        row.LastTimestampMs = timestampMs;
        row.LastValueBits = valueBits;
        Volatile.Write(ref row.Open, ChunkRef.InMemory(open.FirstBlock, open.SampleCount + 1, length).Word);
    }

    /// <summary>Gives the code of a difference as a word of returned length, to be written together with what follows it.</summary>
    private int EncodeDeltaOfDelta(long difference, out ulong word, out int written)
    {
        written = 0;
        if (Fits(difference, 14))
        {
            word = (0b10UL << 14) | ((ulong)difference & ((1UL << 14) - 1));
            return 16;
        }

        if (Fits(difference, 17))
        {
            word = (0b110UL << 17) | ((ulong)difference & ((1UL << 17) - 1));
            return 20;
        }

        if (Fits(difference, 20))
        {
            word = (0b1110UL << 20) | ((ulong)difference & ((1UL << 20) - 1));
            return 24;
        }

        Write(0b1111, 4);
        Write((ulong)difference, 64);
        written = 68;
        word = 0;
        return 0;
    }

    private static bool Fits(long value, int bits) => value >= -((1L << (bits - 1)) - 1) && value <= 1L << (bits - 1);

    /// <summary>Writes the waiting word and the value behind it; returns the value's length in bits.</summary>
    private int WriteValue(ref SeriesRow row, ulong valueBits, ulong head, int headBits)
    {
        var xor = valueBits ^ row.LastValueBits;
        if (xor == 0)
        {
            Write(head << 1, headBits + 1);
            return 1;
        }

        var leading = Math.Min(BitOperations.LeadingZeroCount(xor), 31);
        var trailing = BitOperations.TrailingZeroCount(xor);
        int control;
        if (row.Leading != SeriesRow.NoWindow && leading >= row.Leading && trailing >= row.Trailing)
        {
            leading = row.Leading;
            trailing = row.Trailing;
            head = (head << 2) | 0b10;
            control = 2;
        }
        else
        {
            row.Leading = (byte)leading;
            row.Trailing = (byte)trailing;
            head = (head << 13) | (0b11UL << 11) | ((ulong)leading << 6) | ((ulong)(64 - leading - trailing) & 63);
            control = 13;
        }

        var significant = 64 - leading - trailing;
        var total = headBits + control + significant;
        if (total <= 64)
        {
            Write((head << significant) | (xor >> trailing), total);
        }
        else
        {
            Write(head, headBits + control);
            Write(xor >> trailing, significant);
        }

        return control + significant;
    }

    private int WriteUvarint(ulong value)
    {
        var bits = 0;
        while (value >= 0x80)
        {
            Write((value & 0x7f) | 0x80, 8);
            value >>= 7;
            bits += 8;
        }

        Write(value, 8);
        return bits + 8;
    }

    private void Write(ulong value, int bits)
    {
        var room = ChunkBlocks.PayloadBits - _at;
        if (bits > room)
        {
            var rest = bits - room;
            if (room > 0)
            {
                Put(value >> rest, room);
            }

            var next = _blocks.Allocate();
            _blocks.SetNext(_block, next);
            _block = next;
            _at = 0;
            value = room == 0 ? value : value & ((1UL << rest) - 1);
            bits = rest;
        }

        Put(value, bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(ulong value, int bits)
    {
        var skip = _at & 7;
        if (bits + skip > 64)
        {
            PutWord(value >> 32, bits - 32);
            PutWord((uint)value, 32);
            return;
        }

        PutWord(value, bits);
    }

    /// <summary>
    /// Ors the bits into eight bytes. The word may reach over the block's end; there it writes what it read, and since one
    /// thread writes all blocks, nobody else's bytes can have changed in between.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PutWord(ulong value, int bits)
    {
        ref var target = ref Unsafe.Add(ref _blocks.Payload(_block), _at >> 3);
        var word = value << (64 - bits - (_at & 7));
        word = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word;
        Unsafe.WriteUnaligned(ref target, Unsafe.ReadUnaligned<ulong>(ref target) | word);
        _at += bits;
    }
}
