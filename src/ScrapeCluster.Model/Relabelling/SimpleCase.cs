using System.Text;

namespace ScrapeCluster.Model;

/// <summary>Code point by code point, without regard to language or context, as Go's strings.ToLower and ToUpper.</summary>
internal static class SimpleCase
{
    public static byte[] Lower(ReadOnlySpan<byte> text) => Map(text, Lower);

    public static byte[] Upper(ReadOnlySpan<byte> text) => Map(text, Upper);

    // The invariant culture does not map letters beyond ASCII to ASCII; Unicode's simple mappings do.
    public static Rune Lower(Rune rune) => rune.Value == 0x130 ? new Rune('i') : Rune.ToLowerInvariant(rune);

    public static Rune Upper(Rune rune)
    {
        return rune.Value switch
        {
            0x131 => new Rune('I'),
            0x17F => new Rune('S'),
            _ => Rune.ToUpperInvariant(rune),
        };
    }

    private static byte[] Map(ReadOnlySpan<byte> text, Func<Rune, Rune> map)
    {
        // A mapping changes the length by at most one byte a code point; broken UTF-8 becomes U+FFFD.
        var mapped = new byte[text.Length * 3];
        var length = 0;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var consumed);
            length += map(rune).EncodeToUtf8(mapped.AsSpan(length));
            text = text[consumed..];
        }

        return mapped[..length];
    }
}
