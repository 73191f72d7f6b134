using System.Text;

namespace ScrapeCluster.Exposition;

/// <summary>Why a page is refused: where (counted from 1, the column in bytes) and what.</summary>
public sealed record ExpositionFault(int Line, int Column, string Message)
{
    // Enough to recognise the line; a page may hold a line of megabytes.
    private const int LongestQuoteBytes = 120;

    public override string ToString() => $"line {Line}, column {Column}: {Message}";

    /// <summary>A fault at byte <paramref name="at"/>, which the message quotes, within what begins at <paramref name="from"/>.</summary>
    internal static ExpositionFault At(ReadOnlySpan<byte> body, int from, int at, string message)
    {
        at = Math.Min(at, body.Length);
        var before = body[..at];
        var line = before.Count((byte)'\n') + 1;
        var column = at - before.LastIndexOf((byte)'\n');
        var start = Math.Max(Math.Min(from, at), at - LongestQuoteBytes);
        return new ExpositionFault(line, column, $"{message}, got {Token(body[at..])} while parsing: {Quote(body[start..at])}");
    }

    private static string Token(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            return "the end of the page";
        }

        var end = Math.Max(1, rest[..Math.Min(rest.Length, LongestQuoteBytes)].IndexOfAny(" \t\n"u8));
        return Quote(rest[..end]);
    }

    private static string Quote(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length + 2).Append('"');
        foreach (var b in bytes)
        {
            _ = b switch
            {
                (byte)'\n' => text.Append("\\n"),
                (byte)'\r' => text.Append("\\r"),
                (byte)'\t' => text.Append("\\t"),
                (byte)'"' => text.Append("\\\""),
                (byte)'\\' => text.Append("\\\\"),
                < 0x20 or >= 0x7f => text.Append($"\\x{b:x2}"),
                _ => text.Append((char)b),
            };
        }

        return text.Append('"').ToString();
    }
}
