namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>The wire format of protocol buffers (https://protobuf.dev/programming-guides/encoding/), as far as remote write needs it.</summary>
internal static class Protobuf
{
    public const int MaxVarint = 10;

    /// <summary>Tag of a field whose value is a varint. Field numbers below 16 only: larger ones take two bytes.</summary>
    public const int Varint = 0;

    /// <summary>Tag of a field of 8 bytes.</summary>
    public const int Fixed64 = 1;

    /// <summary>Tag of a field with its length in front: texts, messages, packed numbers.</summary>
    public const int Bytes = 2;

    public static int VarintLength(ulong value)
    {
        var length = 1;
        for (; value >= 0x80; value >>= 7)
        {
            length++;
        }

        return length;
    }

    public static int WriteVarint(Span<byte> destination, ulong value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[at++] = (byte)(value | 0x80);
        }

        destination[at] = (byte)value;
        return at + 1;
    }

    public static ulong ReadVarint(ReadOnlySpan<byte> source, out int length)
    {
        ulong value = 0;
        for (length = 0; ; length++)
        {
            value |= (ulong)(source[length] & 0x7F) << (7 * length);
            if (source[length] < 0x80)
            {
                length++;
                return value;
            }
        }
    }

    /// <summary>Of a text as a field with a tag of one byte.</summary>
    public static int TextLength(ReadOnlySpan<byte> text) => 1 + VarintLength((ulong)text.Length) + text.Length;

    public static int WriteText(Span<byte> destination, byte tag, ReadOnlySpan<byte> text)
    {
        destination[0] = tag;
        var at = 1 + WriteVarint(destination[1..], (ulong)text.Length);
        text.CopyTo(destination[at..]);
        return at + text.Length;
    }

    /// <summary>A text with its length in front, as <see cref="SymbolTable"/> takes it.</summary>
    public static byte[] Prefixed(string text)
    {
        var length = System.Text.Encoding.UTF8.GetByteCount(text);
        var bytes = new byte[VarintLength((ulong)length) + length];
        System.Text.Encoding.UTF8.GetBytes(text, bytes.AsSpan(WriteVarint(bytes, (ulong)length)));
        return bytes;
    }

    /// <summary>Makes room behind what stands before <paramref name="at"/>.</summary>
    public static void Reserve(ref byte[] buffer, int at, int room)
    {
        if (buffer.Length - at < room)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, at + room));
        }
    }
}
