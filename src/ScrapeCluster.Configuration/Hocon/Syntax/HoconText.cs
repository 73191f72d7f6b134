using System.Buffers;
using System.Globalization;

namespace ScrapeCluster.Configuration.Hocon.Syntax;

/// <summary>A position in a text, with the lexical rules of HOCON.md: whitespace, comments, strings, unquoted text.</summary>
internal sealed class HoconText(string text, string source)
{
    // HOCON.md, "Unquoted strings".
    private static readonly SearchValues<char> NotUnquoted = SearchValues.Create("$\"{}[]:=,+#`^?!@*&\\");

    private int _position = text.StartsWith('\uFEFF') ? 1 : 0;
    private int _line = 1;

    public bool AtEnd => _position >= text.Length;

    public char Current => AtEnd ? '\0' : text[_position];

    public HoconOrigin Origin => new(source, _line);

    public bool At(string expected) => string.CompareOrdinal(text, _position, expected, 0, expected.Length) == 0;

    public bool AtComment => Current == '#' || At("//");

    public bool Take(string expected)
    {
        if (!At(expected))
        {
            return false;
        }

        _position += expected.Length;
        return true;
    }

    public HoconException Fault(string fault) => new(Origin, fault);

    public HoconException Unexpected(string wanted) => Fault(AtEnd
        ? $"the text ends where {wanted} was expected"
        : Current == '\n' ? $"the line ends where {wanted} was expected" : $"'{Current}' stands where {wanted} was expected; quote it if it belongs to a text");

    /// <summary>Blanks within the line.</summary>
    public string TakeBlanks()
    {
        var start = _position;
        while (!AtEnd && Current != '\n' && IsWhitespace(Current))
        {
            _position++;
        }

        return text[start.._position];
    }

    /// <summary>Blanks and comments over any number of lines; tells whether a line ended.</summary>
    public bool SkipLines()
    {
        var line = _line;
        while (!AtEnd)
        {
            if (AtComment)
            {
                var end = text.IndexOf('\n', _position);
                _position = end < 0 ? text.Length : end;
            }
            else if (IsWhitespace(Current))
            {
                _line += Current == '\n' ? 1 : 0;
                _position++;
            }
            else
            {
                break;
            }
        }

        return _line != line;
    }

    /// <summary>Unquoted text up to whitespace, a comment or a reserved character; <paramref name="alsoStopAt"/> ends it too.</summary>
    public string TakeUnquoted(char alsoStopAt = '\0')
    {
        var start = _position;
        while (!AtEnd && !AtComment && Current != alsoStopAt && !IsWhitespace(Current)
            && (!NotUnquoted.Contains(Current) || IsSignOfExponent(start)))
        {
            _position++;
        }

        return text[start.._position];
    }

    /// <summary>A string in quotes or in three quotes.</summary>
    public string TakeQuoted() => Take("\"\"\"") ? TakeTripleQuoted() : TakeJsonString();

    private static bool IsWhitespace(char c) =>
        c is '\t' or '\n' or '\v' or '\f' or '\r' or '\uFEFF' or (>= '\x1C' and <= '\x1F')
        || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    // '+' is reserved, but 1e+5 is a number.
    private bool IsSignOfExponent(int start) =>
        Current == '+' && _position > start + 1 && text[_position - 1] is 'e' or 'E' && text.AsSpan(start, _position - 1 - start).IndexOfAnyExcept("-.0123456789") < 0;

    private string TakeTripleQuoted()
    {
        var opened = Origin;
        var end = text.IndexOf("\"\"\"", _position, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new HoconException(opened, "a string opened with \"\"\" is not closed");
        }

        // Quotes beyond three at the end belong to the string.
        while (end + 3 < text.Length && text[end + 3] == '"')
        {
            end++;
        }

        var content = text[_position..end];
        _line += content.AsSpan().Count('\n');
        _position = end + 3;
        return content;
    }

    private string TakeJsonString()
    {
        var content = new System.Text.StringBuilder();
        for (_position++; ; _position++)
        {
            switch (Current)
            {
                case '"':
                    _position++;
                    return content.ToString();
                case '\\':
                    _position++;
                    content.Append(TakeEscape());
                    break;
                case '\n':
                case '\0' when AtEnd:
                    throw Fault("a string is not closed on its line; close it or open it with \"\"\"");
                default:
                    content.Append(Current);
                    break;
            }
        }
    }

    private char TakeEscape()
    {
        switch (Current)
        {
            case '"' or '\\' or '/':
                return Current;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when _position + 4 < text.Length
                && ushort.TryParse(text.AsSpan(_position + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit):
                _position += 4;
                return (char)unit;
            default:
                throw Fault($"'\\{Current}' is not an escape; known are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits");
        }
    }
}
