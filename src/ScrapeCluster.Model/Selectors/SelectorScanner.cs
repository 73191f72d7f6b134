using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Model;

/// <summary>Takes the pieces of a selector off the front of a text.</summary>
internal ref struct SelectorScanner(string text)
{
    public int At { get; private set; }

    public readonly bool IsAtEnd => At >= text.Length;

    public readonly bool IsAtQuote => IsAt('"') || IsAt('\'') || IsAt('`');

    public readonly bool IsAt(char c) => At < text.Length && text[At] == c;

    public bool TryTake(char c)
    {
        if (!IsAt(c))
        {
            return false;
        }

        At++;
        return true;
    }

    /// <summary>Blanks and comments from <c>#</c> to the end of the line.</summary>
    public void SkipBlanks()
    {
        while (!IsAtEnd && (text[At] is ' ' or '\t' or '\r' or '\n' or '#'))
        {
            if (text[At] == '#')
            {
                var end = text.IndexOf('\n', At);
                At = end < 0 ? text.Length : end;
            }
            else
            {
                At++;
            }
        }
    }

    /// <summary>An unquoted name, or the empty text.</summary>
    public string TakeName(bool colons)
    {
        var start = At;
        while (!IsAtEnd && IsNameCharacter(text[At], colons, At == start))
        {
            At++;
        }

        return text[start..At];
    }

    public bool TryTakeOperator(out MatchOp op)
    {
        op = MatchOp.Equal;
        var rest = text.AsSpan(At);
        var (length, found) = rest switch
        {
            ['=', '~', ..] => (2, MatchOp.Regex),
            ['!', '~', ..] => (2, MatchOp.NotRegex),
            ['!', '=', ..] => (2, MatchOp.NotEqual),
            ['=', ..] => (1, MatchOp.Equal),
            _ => (0, MatchOp.Equal),
        };
        op = found;
        At += length;
        return length > 0;
    }

    public bool TryTakeString(out string value, [NotNullWhen(false)] out string? fault)
    {
        var length = GoString.Unquote(text.AsSpan(At), out value, out fault);
        At += length;
        return fault is null;
    }

    public readonly string Describe()
    {
        return IsAtEnd ? "end of input" : $"character {LabelText.Quote(char.IsSurrogate(text[At]) && At + 1 < text.Length ? text.Substring(At, 2) : text[At].ToString())}";
    }

    private static bool IsNameCharacter(char c, bool colons, bool first)
    {
        return char.IsAsciiLetter(c) || c == '_' || (colons && c == ':') || (!first && char.IsAsciiDigit(c));
    }
}
