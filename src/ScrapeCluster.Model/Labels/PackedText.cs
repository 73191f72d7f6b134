namespace ScrapeCluster.Model;

/// <summary>Length-prefixed text of <see cref="Labels"/>: one length byte below 255, else 0xFF and three bytes little-endian.</summary>
internal static class PackedText
{
    public const int MaxLengthBytes = 0xFFFFFF;

    public static int Size(int lengthBytes) => lengthBytes + (lengthBytes < 0xFF ? 1 : 4);

    public static int Write(Span<byte> destination, ReadOnlySpan<byte> text)
    {
        var at = 1;
        if (text.Length < 0xFF)
        {
            destination[0] = (byte)text.Length;
        }
        else
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, MaxLengthBytes);
            destination[0] = 0xFF;
            destination[1] = (byte)text.Length;
            destination[2] = (byte)(text.Length >> 8);
            destination[3] = (byte)(text.Length >> 16);
            at = 4;
        }

        text.CopyTo(destination[at..]);
        return at + text.Length;
    }

    public static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> packed)
    {
        int length = packed[0];
        var at = 1;
        if (length == 0xFF)
        {
            length = packed[1] | (packed[2] << 8) | (packed[3] << 16);
            at = 4;
        }

        var text = packed.Slice(at, length);
        packed = packed[(at + length)..];
        return text;
    }

    /// <summary>For bytes from elsewhere: false when they end within the length or the text.</summary>
    public static bool TryTake(scoped ref ReadOnlySpan<byte> packed, out ReadOnlySpan<byte> text)
    {
        text = default;
        var prefix = packed.IsEmpty ? 0 : packed[0] < 0xFF ? 1 : 4;
        if (prefix == 0 || packed.Length < prefix)
        {
            return false;
        }

        var length = prefix == 1 ? packed[0] : packed[1] | (packed[2] << 8) | (packed[3] << 16);
        if (packed.Length - prefix < length)
        {
            return false;
        }

        text = packed.Slice(prefix, length);
        packed = packed[(prefix + length)..];
        return true;
    }
}
