using System.Runtime.CompilerServices;

namespace ScrapeCluster.Scraping;

/// <summary>Texts one after the other: the length of each as a varint of seven bits a byte, the lowest first, then its bytes.</summary>
internal static class TextBlock
{
    /// <summary>What stands in front of a text of <see cref="SeriesCache.LongestTextBytes"/> at most.</summary>
    public const int MostLengthBytes = 4;

    /// <summary>The length of the text that begins at <paramref name="at"/>, which is moved to its first byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LengthAt(byte[] block, ref int at)
    {
        int length = block[at++];
        return length < 0x80 ? length : LongLength(block, length, ref at);
    }

    /// <summary>Writes length and text; returns where they end.</summary>
    public static int Write(Span<byte> block, int at, ReadOnlySpan<byte> text)
    {
        var rest = (uint)text.Length;
        for (; rest >= 0x80; rest >>= 7)
        {
            block[at++] = (byte)(rest | 0x80);
        }

        block[at++] = (byte)rest;
        text.CopyTo(block[at..]);
        return at + text.Length;
    }

    private static int LongLength(byte[] block, int length, ref int at)
    {
        length &= 0x7f;
        for (var shift = 7; ; shift += 7)
        {
            var part = block[at++];
            length |= (part & 0x7f) << shift;
            if (part < 0x80)
            {
                return length;
            }
        }
    }
}
