using System.Buffers;
using System.Text;

namespace ScrapeCluster.Exposition;

/// <summary>The small tokens that both text formats share: names, quoted strings, escapes.</summary>
public static class ExpositionText
{
    private static readonly SearchValues<byte> LabelNameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"u8);
    private static readonly SearchValues<byte> MetricNameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:"u8);

    /// <summary>Replaces <c>\\</c>, <c>\n</c> and, when asked, <c>\"</c>; any other backslash stays as it is.</summary>
    public static string Unescape(ReadOnlySpan<byte> text, bool quotes = true)
    {
        if (!text.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(text);
        }

        var buffer = new byte[text.Length];
        return Encoding.UTF8.GetString(buffer, 0, Unescape(text, buffer, quotes));
    }

    internal static int Unescape(ReadOnlySpan<byte> text, Span<byte> destination, bool quotes = true)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var b = text[i];
            if (b == '\\' && i + 1 < text.Length)
            {
                var next = text[i + 1];
                if (next is (byte)'\\' or (byte)'n' || (quotes && next == '"'))
                {
                    b = next == 'n' ? (byte)'\n' : next;
                    i++;
                }
            }

            destination[length++] = b;
        }

        return length;
    }

    /// <summary>Length of the metric name (<c>[a-zA-Z_:][a-zA-Z0-9_:]*</c>) at the start of the text; 0 when there is none.</summary>
    internal static int MetricNameLength(ReadOnlySpan<byte> text) => NameLength(text, MetricNameBytes);

    /// <summary>Length of the label name (<c>[a-zA-Z_][a-zA-Z0-9_]*</c>) at the start of the text; 0 when there is none.</summary>
    internal static int LabelNameLength(ReadOnlySpan<byte> text) => NameLength(text, LabelNameBytes);

    /// <summary>
    /// Length of the quoted string at the start of the text, quotes included; 0 when it is not closed or holds a byte it may not:
    /// an escaped line feed, or one of <paramref name="forbidden"/>.
    /// </summary>
    internal static int QuotedLength(ReadOnlySpan<byte> text, ReadOnlySpan<byte> forbidden)
    {
        var at = 1;
        while (at < text.Length)
        {
            var step = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (step < 0)
            {
                return 0;
            }

            at += step;
            if (text[at] == '"')
            {
                return text[1..at].IndexOfAny(forbidden) < 0 ? at + 1 : 0;
            }

            if (at + 1 < text.Length && text[at + 1] == '\n')
            {
                return 0;
            }

            at += 2;
        }

        return 0;
    }

    private static int NameLength(ReadOnlySpan<byte> text, SearchValues<byte> bytes)
    {
        if (text.IsEmpty || char.IsAsciiDigit((char)text[0]))
        {
            return 0;
        }

        var end = text.IndexOfAnyExcept(bytes);
        return end < 0 ? text.Length : end;
    }
}
