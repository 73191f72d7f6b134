using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ScrapeCluster.Model;

/// <summary>
/// Parses RE2's syntax. Faults carry the words of Go's regexp/syntax, and the same piece of the pattern.
/// This file: alternation, sequence and repetition; groups, escapes and classes have files of their own.
/// </summary>
internal sealed partial class Re2Parser(string pattern)
{
    private const int MaxRepeat = 1000;
    private const int MaxDepth = 1000;

    private readonly List<string> _groupNames = [""];
    private int _at;
    private int _depth;
    private string? _fault;
    private bool _foldCase;
    private bool _multiLine;
    private bool _dotNewline = true;
    private bool _swapGreed;

    /// <summary>By number; the empty text for the whole match and for groups without a name.</summary>
    public IReadOnlyList<string> GroupNames => _groupNames;

    public bool TryParse([NotNullWhen(true)] out Re2Node? node, [NotNullWhen(false)] out string? fault)
    {
        node = HasLoneSurrogate() ? null : ParseAlternation();
        if (node is not null && !IsAtEnd)
        {
            Fail("unexpected )", pattern);
        }

        fault = _fault;
        return node is not null && fault is null;
    }

    private bool IsAtEnd => _at >= pattern.Length;

    private char Current => pattern[_at];

    private bool HasLoneSurrogate()
    {
        foreach (var rune in pattern.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar && !pattern.Contains('\uFFFD', StringComparison.Ordinal))
            {
                Fail("invalid UTF-8", pattern);
                return true;
            }
        }

        return false;
    }

    /// <summary>Keeps the first fault; false, for the caller to hand on.</summary>
    private bool Fail(string reason, string expression)
    {
        _fault ??= $"error parsing regexp: {reason}: `{expression}`";
        return false;
    }

    /// <summary>Up to the closing parenthesis or the end.</summary>
    private Re2Node? ParseAlternation()
    {
        var branches = new List<Re2Node>();
        while (true)
        {
            if (ParseSequence() is not { } branch)
            {
                return null;
            }

            branches.Add(branch);
            if (IsAtEnd || Current != '|')
            {
                return branches.Count == 1 ? branches[0] : new Re2Node.Alternate(branches);
            }

            _at++;
        }
    }

    private Re2Node? ParseSequence()
    {
        var items = new List<Re2Node>();
        var lastRepeat = -1;
        while (!IsAtEnd && Current is not ('|' or ')'))
        {
            var start = _at;
            var isRepeat = TryTakeRepeat(out var min, out var max);
            var parsed = _fault is null && (isRepeat ? ApplyRepeat(items, start, lastRepeat, min, max) : ParseAtom(items));
            if (!parsed)
            {
                return null;
            }

            lastRepeat = isRepeat ? start : -1;
        }

        return items.Count switch
        {
            0 => new Re2Node.Empty(),
            1 => items[0],
            _ => new Re2Node.Concat(items),
        };
    }

    /// <summary>Takes <c>*</c>, <c>+</c>, <c>?</c> or a well-formed <c>{n,m}</c>; a brace of another form is a literal.</summary>
    private bool TryTakeRepeat(out int min, out int max)
    {
        (min, max) = Current == '+' ? (1, -1) : Current == '?' ? (0, 1) : (0, -1);
        if (Current is '*' or '+' or '?')
        {
            _at++;
            return true;
        }

        return Current == '{' && TryTakeBounds(out min, out max);
    }

    private bool TryTakeBounds(out int min, out int max)
    {
        max = -1;
        var start = _at;
        var at = _at + 1;
        if (!TryTakeCount(ref at, out min))
        {
            return false;
        }

        var open = at < pattern.Length && pattern[at] == ',';
        if (!open)
        {
            max = min;
        }
        else if (++at < pattern.Length && pattern[at] != '}' && !TryTakeCount(ref at, out max))
        {
            return false;
        }

        if (at >= pattern.Length || pattern[at] != '}')
        {
            return false;
        }

        _at = at + 1;
        if (min > MaxRepeat || max > MaxRepeat || (max >= 0 && min > max))
        {
            Fail("invalid repeat count", pattern[start.._at]);
        }

        return true;
    }

    /// <summary>Digits without a leading zero; a number too large to hold becomes one that is refused.</summary>
    private bool TryTakeCount(ref int at, out int count)
    {
        count = 0;
        var start = at;
        while (at < pattern.Length && char.IsAsciiDigit(pattern[at]))
        {
            count = Math.Min((count * 10) + (pattern[at] - '0'), MaxRepeat + 1);
            at++;
        }

        return at > start && (pattern[start] != '0' || at == start + 1);
    }

    private bool ApplyRepeat(List<Re2Node> items, int start, int lastRepeat, int min, int max)
    {
        var lazy = !IsAtEnd && Current == '?';
        _at += lazy ? 1 : 0;
        if (lastRepeat >= 0)
        {
            return Fail("invalid nested repetition operator", pattern[lastRepeat.._at]);
        }

        if (items.Count == 0)
        {
            return Fail("missing argument to repetition operator", pattern[start.._at]);
        }

        var repeat = new Re2Node.Repeat(items[^1], min, max, Greedy: lazy == _swapGreed);
        if ((min >= 2 || max >= 2) && !IsWithin(repeat, MaxRepeat))
        {
            return Fail("invalid repeat count", pattern[start.._at]);
        }

        items[^1] = repeat;
        return true;
    }

    /// <summary>Counted repetitions inside one another multiply; their product is bounded too.</summary>
    private static bool IsWithin(Re2Node node, int budget)
    {
        switch (node)
        {
            case Re2Node.Repeat repeat:
                var isCounted = !(repeat.Max < 0 && repeat.Min < 2) && !(repeat is { Min: 0, Max: 1 });
                var times = !isCounted ? 1 : repeat.Max < 0 ? repeat.Min : repeat.Max;
                return times == 0 || (times <= budget && IsWithin(repeat.Item, budget / times));
            case Re2Node.Concat concat:
                return concat.Items.All(item => IsWithin(item, budget));
            case Re2Node.Alternate alternate:
                return alternate.Branches.All(branch => IsWithin(branch, budget));
            case Re2Node.Group group:
                return IsWithin(group.Item, budget);
            default:
                return true;
        }
    }

    /// <summary>Parses what a repetition may apply to, and adds it; a group of flags adds nothing.</summary>
    private bool ParseAtom(List<Re2Node> items)
    {
        switch (Current)
        {
            case '(':
                return ParseGroup(items);
            case '[':
                return Add(items, ParseClass());
            case '\\':
                return ParseEscape(items);
            case '.':
                _at++;
                return Add(items, new Re2Node.OneOf(_dotNewline ? RuneSet.Any : RuneSet.Of('\n').Negated()));
            case '^':
                _at++;
                return Add(items, new Re2Node.Assertion(_multiLine ? Re2Assertion.BeginLine : Re2Assertion.BeginText));
            case '$':
                _at++;
                return Add(items, new Re2Node.Assertion(_multiLine ? Re2Assertion.EndLine : Re2Assertion.EndText));
            default:
                return Add(items, Literal(TakeRune()));
        }
    }

    private static bool Add(List<Re2Node> items, Re2Node? item)
    {
        if (item is not null)
        {
            items.Add(item);
        }

        return item is not null;
    }

    private Re2Node.OneOf Literal(int rune)
    {
        var set = RuneSet.Of(rune);
        return new Re2Node.OneOf(_foldCase ? set.Folded() : set);
    }

    private int TakeRune()
    {
        var rune = Rune.GetRuneAt(pattern, _at);
        _at += rune.Utf16SequenceLength;
        return rune.Value;
    }
}
