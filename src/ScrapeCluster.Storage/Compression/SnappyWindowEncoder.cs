using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ScrapeCluster.Storage.Compression;

/// <summary>
/// Snappy's block format for messages that repeat themselves, such as those of remote write. Against <see cref="SnappyEncoder"/>, which takes its source
/// in pieces of 64 KiB as the reference implementation does: copies reach back 64 KiB from any place, so that nothing is learned anew at each
/// piece, and matches of eight bytes go before those of four. Measured on requests of 2,000 samples: 4 to 8 % shorter for 1.0 and 5 to 14 % for 2.0.
/// Any decoder reads it (format_description.txt: "the format itself does not" know pieces). Holds 192 KiB of tables; one instance serves one thread.
/// </summary>
public sealed class SnappyWindowEncoder
{
    /// <summary>What two bytes say of how far back a copy goes.</summary>
    private const int WindowLength = 1 << 16;

    private const int ShortBits = 14;
    private const int LongBits = 15;

    /// <summary>The last bytes are never the start of a match, so that reads of 8 bytes stay inside.</summary>
    private const int InputMargin = 15;

    /// <summary>Positions of four and of eight bytes by their hash, counted over all sources, so that those of former ones are too far back and nothing is cleared.</summary>
    private readonly int[] _short = new int[1 << ShortBits];
    private readonly int[] _long = new int[1 << LongBits];
    private int _origin;

    public SnappyWindowEncoder()
        : this(WindowLength)
    {
    }

    /// <param name="origin">Where positions begin: at least the window's length.</param>
    internal SnappyWindowEncoder(int origin) => _origin = origin;

    /// <summary>A length that <see cref="Encode"/> never exceeds.</summary>
    public static int MaxLength(int sourceLength) => SnappyEncoder.MaxLength(sourceLength);

    /// <summary>Writes the compressed form; <paramref name="destination"/> must hold <see cref="MaxLength"/> bytes.</summary>
    public int Encode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, MaxLength(source.Length));
        if (int.MaxValue - _origin - WindowLength < source.Length)
        {
            Array.Clear(_short);
            Array.Clear(_long);
            _origin = WindowLength;
        }

        var at = SnappyElements.WriteLength(destination, (uint)source.Length);
        at += EncodeBody(source, destination[at..]);
        _origin += source.Length + WindowLength;
        return at;
    }

    private int EncodeBody(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var limit = source.Length - InputMargin;
        ref var bytes = ref MemoryMarshal.GetReference(source);
        var literalStart = 0;
        var written = 0;
        var searched = 32;
        for (var position = 0; position < limit;)
        {
            // 1. Bytes seen before. The step grows while there are none, so that random data passes quickly.
            if (!TryFindMatch(ref bytes, position, out var candidate))
            {
                position += searched++ >> 5;
                continue;
            }

            // 2. What stands before them as it is, less what is equal there too.
            searched = 32;
            while (position > literalStart && candidate > 0 && Unsafe.Add(ref bytes, position - 1) == Unsafe.Add(ref bytes, candidate - 1))
            {
                position--;
                candidate--;
            }

            written += SnappyElements.WriteLiteral(source[literalStart..position], destination[written..]);

            // 3. The copy. Its end is entered, since what follows it often comes again with it.
            var length = 4 + SnappyElements.MatchLength(source, candidate + 4, position + 4);
            written += SnappyElements.WriteCopy(destination[written..], position - candidate, length);
            position += length;
            literalStart = position;
            if (position < limit)
            {
                Enter(ref bytes, position - 1);
            }
        }

        return written + SnappyElements.WriteLiteral(source[literalStart..], destination[written..]);
    }

    /// <summary>Eight equal bytes within the window, else four; enters the position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFindMatch(ref byte bytes, int position, out int candidate)
    {
        var present = Load64(ref bytes, position);
        ref var longSlot = ref LongSlot(present);
        ref var shortSlot = ref ShortSlot((uint)present);
        var (ofLong, ofShort) = (longSlot - _origin, shortSlot - _origin);
        longSlot = shortSlot = _origin + position;
        candidate = ofLong;
        if (ofLong >= 0 && position - ofLong < WindowLength && Load64(ref bytes, ofLong) == present)
        {
            return true;
        }

        candidate = ofShort;
        return ofShort >= 0 && position - ofShort < WindowLength && (uint)Load64(ref bytes, ofShort) == (uint)present;
    }

    private void Enter(ref byte bytes, int position)
    {
        var present = Load64(ref bytes, position);
        LongSlot(present) = ShortSlot((uint)present) = _origin + position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref int LongSlot(ulong present) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_long), (nint)(unchecked(present * 0xCF1BBCDCB7A56463) >> (64 - LongBits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref int ShortSlot(uint present) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_short), (nint)(unchecked(present * 0x1E35A7BD) >> (32 - ShortBits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load64(ref byte bytes, int at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at));
}
