using System.Buffers;
using System.Globalization;
using System.Text;

namespace ScrapeCluster.Model;

/// <summary>String literals of PromQL: in double or single quotes with Go's escapes, or in backticks without any.</summary>
internal static class GoString
{
    /// <summary>Reads the literal at the front and gives its length in characters.</summary>
    public static int Unquote(ReadOnlySpan<char> text, out string value, out string? fault)
    {
        value = "";
        fault = null;
        var quote = text[0];
        if (quote == '`')
        {
            var end = text[1..].IndexOf('`');
            fault = end < 0 ? "unterminated raw string" : null;
            value = end < 0 ? "" : text.Slice(1, end).ToString();
            return end < 0 ? text.Length : end + 2;
        }

        // Bytes, because \xff and octal escapes stand for bytes, not for code points.
        var bytes = new ArrayBufferWriter<byte>();
        var at = 1;
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] == '\n')
            {
                break;
            }

            var length = text[at] == '\\' ? Escape(text[at..], quote, bytes) : Plain(text[at..], bytes);
            if (length == 0)
            {
                fault = "unknown escape sequence in quoted string";
                return at;
            }

            at += length;
        }

        if (at >= text.Length || text[at] != quote)
        {
            fault = "unterminated quoted string";
            return at;
        }

        value = Encoding.UTF8.GetString(bytes.WrittenSpan);
        return at + 1;
    }

    private static int Plain(ReadOnlySpan<char> text, ArrayBufferWriter<byte> bytes)
    {
        var end = text.IndexOfAny("\\\"'\n");
        end = end < 0 ? text.Length : Math.Max(end, 1);
        Encoding.UTF8.GetBytes(text[..end], bytes);
        return end;
    }

    /// <summary>Length of the escape, or 0 when there is no such escape.</summary>
    private static int Escape(ReadOnlySpan<char> text, char quote, ArrayBufferWriter<byte> bytes)
    {
        if (text.Length < 2)
        {
            return 0;
        }

        var c = text[1];
        var simple = "abfnrtv\\".IndexOf(c, StringComparison.Ordinal);
        if (simple >= 0 || c == quote)
        {
            bytes.Write([(byte)(simple < 0 ? quote : "\a\b\f\n\r\t\v\\"[simple])]);
            return 2;
        }

        return c switch
        {
            'x' => Number(text, 2, 2, 16, bytes, isByte: true),
            'u' => Number(text, 2, 4, 16, bytes, isByte: false),
            'U' => Number(text, 2, 8, 16, bytes, isByte: false),
            >= '0' and <= '7' => Number(text, 1, 3, 8, bytes, isByte: true),
            _ => 0,
        };
    }

    private static int Number(ReadOnlySpan<char> text, int start, int digits, int radix, ArrayBufferWriter<byte> bytes, bool isByte)
    {
        if (text.Length < start + digits)
        {
            return 0;
        }

        var number = 0L;
        foreach (var c in text.Slice(start, digits))
        {
            if (!int.TryParse([c], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var digit) || digit >= radix)
            {
                return 0;
            }

            number = (number * radix) + digit;
        }

        if (isByte)
        {
            if (number > 255)
            {
                return 0;
            }

            bytes.Write([(byte)number]);
            return start + digits;
        }

        if (number > int.MaxValue || !Rune.TryCreate((int)number, out var rune))
        {
            return 0;
        }

        Span<byte> encoded = stackalloc byte[4];
        bytes.Write(encoded[..rune.EncodeToUtf8(encoded)]);
        return start + digits;
    }
}
