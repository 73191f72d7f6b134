using System.Globalization;
using System.Text;

namespace ScrapeCluster.Model;

/// <summary>Label names and values as people and Prometheus's text forms write them.</summary>
public static class LabelText
{
    /// <summary>The name as it is, or quoted when it is not a legacy name (<c>[a-zA-Z_][a-zA-Z0-9_]*</c>).</summary>
    public static string Name(string name) => IsLegacyName(name) ? name : Quote(name);

    /// <summary>True for <c>[a-zA-Z_][a-zA-Z0-9_]*</c>.</summary>
    public static bool IsLegacyName(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Double-quoted as Go's <c>%q</c>: printable text is kept, the rest is escaped.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            AppendQuoted(text, rune);
        }

        return text.Append('"').ToString();
    }

    private static void AppendQuoted(StringBuilder text, Rune rune)
    {
        var simple = "\\\"\a\b\f\n\r\t\v".IndexOf((char)Math.Min(rune.Value, char.MaxValue), StringComparison.Ordinal);
        if (simple >= 0)
        {
            text.Append('\\').Append("\\\"abfnrtv"[simple]);
        }
        else if (IsPrintable(rune))
        {
            text.Append(rune.ToString());
        }
        else
        {
            var (letter, format) = rune.Value < ' ' || rune.Value == 0x7F ? ('x', "x2") : rune.IsBmp ? ('u', "x4") : ('U', "x8");
            text.Append('\\').Append(letter).Append(rune.Value.ToString(format, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Letters, marks, numbers, punctuation, symbols, and of the blanks only that of ASCII.</summary>
    private static bool IsPrintable(Rune rune)
    {
        return rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
    }
}
