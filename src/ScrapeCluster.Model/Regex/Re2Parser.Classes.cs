namespace ScrapeCluster.Model;

internal sealed partial class Re2Parser
{
    /// <summary><c>[...]</c></summary>
    private Re2Node.OneOf? ParseClass()
    {
        var start = _at++;
        var negated = !IsAtEnd && Current == '^';
        _at += negated ? 1 : 0;
        var ranges = new List<(int Low, int High)>();
        // A bracket that comes first is a member.
        for (var first = true; IsAtEnd || Current != ']' || first; first = false)
        {
            if (!TakeMember(ranges, start))
            {
                return null;
            }
        }

        _at++;
        var set = RuneSet.Of(ranges);
        return new Re2Node.OneOf(negated ? set.Negated() : set);
    }

    private bool TakeMember(List<(int Low, int High)> ranges, int classStart)
    {
        if (!IsAtEnd && (TryTakePosix(out var set) || TryTakeNamedSet(out set)))
        {
            ranges.AddRange(set.Ranges);
            return true;
        }

        var start = _at;
        if (_fault is not null || !TakeClassRune(classStart, out var low))
        {
            return false;
        }

        var high = low;
        // In [a-] the hyphen is a member.
        if (_at + 1 < pattern.Length && Current == '-' && pattern[_at + 1] != ']')
        {
            _at++;
            if (!TakeClassRune(classStart, out high))
            {
                return false;
            }

            if (high < low)
            {
                return Fail("invalid character class range", pattern[start.._at]);
            }
        }

        ranges.AddRange(Finish(RuneSet.Of([(low, high)]), negated: false).Ranges);
        return true;
    }

    private bool TakeClassRune(int classStart, out int rune)
    {
        rune = 0;
        if (IsAtEnd)
        {
            return Fail("missing closing ]", pattern[classStart..]);
        }

        if (Current == '\\')
        {
            return TryTakeEscapedRune(out rune);
        }

        rune = TakeRune();
        return true;
    }

    /// <summary><c>[:alpha:]</c> or <c>[:^alpha:]</c>; without the closing <c>:]</c> the bracket is a member.</summary>
    private bool TryTakePosix(out RuneSet set)
    {
        set = RuneSet.Any;
        if (!pattern.AsSpan(_at).StartsWith("[:", StringComparison.Ordinal))
        {
            return false;
        }

        var end = pattern.IndexOf(":]", _at + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        var text = pattern[_at..(end + 2)];
        var negated = text[2] == '^';
        if (AsciiClasses.Posix(pattern[(_at + (negated ? 3 : 2))..end]) is not { } found)
        {
            return Fail("invalid character class range", text);
        }

        _at = end + 2;
        set = Finish(found, negated);
        return true;
    }
}
