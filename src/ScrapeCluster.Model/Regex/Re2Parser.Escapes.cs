using System.Globalization;

namespace ScrapeCluster.Model;

internal sealed partial class Re2Parser
{
    private bool ParseEscape(List<Re2Node> items)
    {
        if (_at + 1 >= pattern.Length)
        {
            return Fail("trailing backslash at end of expression", "");
        }

        var assertion = pattern[_at + 1] switch
        {
            'A' => Re2Assertion.BeginText,
            'z' => Re2Assertion.EndText,
            'b' => Re2Assertion.WordBoundary,
            'B' => Re2Assertion.NotWordBoundary,
            _ => (Re2Assertion?)null,
        };
        if (assertion is { } kind)
        {
            _at += 2;
            return Add(items, new Re2Node.Assertion(kind));
        }

        if (pattern[_at + 1] == 'Q')
        {
            AddQuoted(items);
            return true;
        }

        if (TryTakeNamedSet(out var set))
        {
            return Add(items, new Re2Node.OneOf(set));
        }

        return _fault is null && TryTakeEscapedRune(out var rune) && Add(items, Literal(rune));
    }

    /// <summary><c>\Q...\E</c>: every character stands for itself, up to the end when <c>\E</c> is missing.</summary>
    private void AddQuoted(List<Re2Node> items)
    {
        var end = pattern.IndexOf("\\E", _at + 2, StringComparison.Ordinal);
        var stop = end < 0 ? pattern.Length : end;
        _at += 2;
        while (_at < stop)
        {
            items.Add(Literal(TakeRune()));
        }

        _at = end < 0 ? stop : end + 2;
    }

    /// <summary><c>\d</c>, <c>\W</c>, <c>\pL</c>, <c>\P{Greek}</c>, <c>\p{^Lu}</c>; false without a fault when something else stands here.</summary>
    private bool TryTakeNamedSet(out RuneSet set)
    {
        set = RuneSet.Any;
        if (Current != '\\' || _at + 1 >= pattern.Length)
        {
            return false;
        }

        var letter = pattern[_at + 1];
        if (AsciiClasses.Perl(letter) is { } perl)
        {
            _at += 2;
            set = Finish(perl, char.IsAsciiLetterUpper(letter));
            return true;
        }

        return letter is 'p' or 'P' && TryTakeUnicodeSet(letter == 'P', out set);
    }

    private bool TryTakeUnicodeSet(bool negated, out RuneSet set)
    {
        set = RuneSet.Any;
        var start = _at;
        _at += 2;
        var name = "";
        if (!IsAtEnd && Current == '{')
        {
            var end = pattern.IndexOf('}', _at);
            if (end < 0)
            {
                return Fail("invalid character class range", pattern[start..]);
            }

            name = pattern[(_at + 1)..end];
            _at = end + 1;
        }
        else if (!IsAtEnd)
        {
            var from = _at;
            TakeRune();
            name = pattern[from.._at];
        }

        if (name.StartsWith('^'))
        {
            (negated, name) = (!negated, name[1..]);
        }

        if (UnicodeClasses.Find(name) is not { } found)
        {
            return Fail("invalid character class range", pattern[start.._at]);
        }

        set = Finish(found, negated);
        return true;
    }

    private RuneSet Finish(RuneSet set, bool negated)
    {
        set = _foldCase ? set.Folded() : set;
        return negated ? set.Negated() : set;
    }

    /// <summary>One escaped code point, inside a class or outside.</summary>
    private bool TryTakeEscapedRune(out int rune)
    {
        rune = 0;
        var start = _at++;
        if (IsAtEnd)
        {
            return Fail("trailing backslash at end of expression", "");
        }

        rune = TakeRune();
        var known = rune switch
        {
            // A single digit but 0 would be a back-reference.
            >= '1' and <= '7' => !IsAtEnd && Current is >= '0' and <= '7' && TakeOctal(ref rune),
            '0' => TakeOctal(ref rune),
            'x' => TakeHex(out rune),
            < 0x80 when !char.IsAsciiLetterOrDigit((char)rune) => true,
            _ => TakeControl(ref rune),
        };
        return known || Fail("invalid escape sequence", pattern[start.._at]);
    }

    private bool TakeOctal(ref int rune)
    {
        rune -= '0';
        for (var i = 1; i < 3 && !IsAtEnd && Current is >= '0' and <= '7'; i++)
        {
            rune = (rune * 8) + (Current - '0');
            _at++;
        }

        return true;
    }

    private bool TakeHex(out int rune)
    {
        rune = 0;
        if (IsAtEnd)
        {
            return false;
        }

        if (Current != '{')
        {
            var digits = pattern.AsSpan(_at, Math.Min(2, pattern.Length - _at));
            _at += digits.Length;
            return digits.Length == 2 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out rune);
        }

        var end = pattern.IndexOf('}', _at);
        var number = end < 0 ? default : pattern.AsSpan((_at + 1)..end);
        _at = end < 0 ? pattern.Length : end + 1;
        return int.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out rune) && rune is >= 0 and <= RuneSet.MaxRune;
    }

    private static bool TakeControl(ref int rune)
    {
        var index = "afnrtv".IndexOf((char)Math.Min(rune, char.MaxValue), StringComparison.Ordinal);
        rune = index < 0 ? rune : "\a\f\n\r\t\v"[index];
        return index >= 0;
    }
}
