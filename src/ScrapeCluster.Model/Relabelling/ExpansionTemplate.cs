using System.Buffers;
using System.Globalization;
using System.Text;

namespace ScrapeCluster.Model;

/// <summary>
/// A replacement text such as <c>a-$1-${name}</c>, with the meaning of Go's regexp.Expand: the longest run of letters, digits
/// and underscores after <c>$</c> is the group's name, so <c>$1x</c> asks for a group named "1x"; an unknown or unmatched
/// group gives nothing; <c>$$</c> is a dollar; a dollar without a name stays.
/// </summary>
internal sealed class ExpansionTemplate
{
    /// <summary>Either literal text or a group's number; -1 for a group that does not exist.</summary>
    private readonly record struct Part(byte[]? Literal, int Group);

    private readonly List<Part> _parts = [];

    private ExpansionTemplate()
    {
    }

    /// <summary>The expansion when it depends on no group, else null.</summary>
    public byte[]? Constant { get; private init; }

    /// <summary>True when the template is exactly the first group.</summary>
    public bool IsFirstGroup { get; private init; }

    public static ExpansionTemplate Parse(string template, Re2Regex regex)
    {
        var parts = Split(template, regex);
        var constant = parts.TrueForAll(part => part.Group <= 0 && (part.Literal is not null || part.Group < 0))
            ? parts.SelectMany(part => part.Literal ?? []).ToArray()
            : null;
        var expansion = new ExpansionTemplate { Constant = constant, IsFirstGroup = parts is [{ Literal: null, Group: 1 }] };
        expansion._parts.AddRange(parts);
        return expansion;
    }

    /// <param name="groups">Start and end of each group in <paramref name="input"/>; -1 when it took no part.</param>
    public void Expand(ReadOnlySpan<byte> input, ReadOnlySpan<int> groups, IBufferWriter<byte> destination)
    {
        foreach (var (literal, group) in _parts)
        {
            if (literal is not null)
            {
                destination.Write(literal);
            }
            else if (group >= 0 && groups[2 * group] >= 0)
            {
                destination.Write(input[groups[2 * group]..groups[(2 * group) + 1]]);
            }
        }
    }

    private static List<Part> Split(string template, Re2Regex regex)
    {
        var parts = new List<Part>();
        var literal = new StringBuilder();
        var at = 0;
        while (at < template.Length)
        {
            var c = template[at++];
            if (c != '$')
            {
                literal.Append(c);
            }
            else if (at < template.Length && template[at] == '$')
            {
                literal.Append('$');
                at++;
            }
            else if (TakeName(template, at, out var name, out var next))
            {
                Flush(parts, literal);
                parts.Add(new Part(null, GroupOf(name, regex)));
                at = next;
            }
            else
            {
                literal.Append('$');
            }
        }

        Flush(parts, literal);
        return parts;
    }

    private static void Flush(List<Part> parts, StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            parts.Add(new Part(Encoding.UTF8.GetBytes(literal.ToString()), -1));
            literal.Clear();
        }
    }

    private static bool TakeName(string template, int at, out string name, out int next)
    {
        var braced = at < template.Length && template[at] == '{';
        var start = braced ? at + 1 : at;
        next = start;
        while (next < template.Length && Rune.TryGetRuneAt(template, next, out var rune) && IsNameRune(rune))
        {
            next += rune.Utf16SequenceLength;
        }

        name = template[start..next];
        if (name.Length == 0)
        {
            return false;
        }

        if (!braced)
        {
            return true;
        }

        var closed = next < template.Length && template[next] == '}';
        next++;
        return closed;
    }

    private static bool IsNameRune(Rune rune)
    {
        return rune.Value == '_' || Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber;
    }

    /// <summary>Digits without a leading zero are a number, all else is a name.</summary>
    private static int GroupOf(string name, Re2Regex regex)
    {
        var isNumber = name.All(char.IsAsciiDigit) && (name.Length == 1 || name[0] != '0');
        if (isNumber)
        {
            return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= regex.GroupCount ? number : -1;
        }

        return regex.GroupNumber(name);
    }
}
