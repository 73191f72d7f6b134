using System.Text;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.Regex;

/// <summary>
/// The clear version: tries every way in order of precedence, by recursion over the parsed pattern. Takes exponential time on
/// bad patterns, so <see cref="TryMatch"/> gives up after some steps.
/// </summary>
internal sealed class BacktrackingMatcher(Re2Node node, int groupCount)
{
    private readonly int[] _groups = new int[2 * (groupCount + 1)];
    private Rune[] _input = [];
    private int _steps;

    /// <summary>Null when it took too long. Group bounds count code points.</summary>
    public bool? TryMatch(string input, out int[] groups)
    {
        Array.Fill(_groups, -1);
        _input = [.. input.EnumerateRunes()];
        _steps = 200_000;
        groups = _groups;
        var matched = Try(node, 0, at => at == _input.Length);
        return _steps <= 0 ? null : matched;
    }

    private bool Try(Re2Node item, int at, Func<int, bool> then)
    {
        if (--_steps <= 0)
        {
            return false;
        }

        return item switch
        {
            Re2Node.Empty => then(at),
            Re2Node.OneOf oneOf => at < _input.Length && oneOf.Set.Contains(_input[at].Value) && then(at + 1),
            Re2Node.Assertion assertion => Re2Program.Holds(assertion.Kind, Kind(at - 1), Kind(at)) && then(at),
            Re2Node.Concat concat => TryAll(concat.Items, 0, at, then),
            Re2Node.Alternate alternate => alternate.Branches.Any(branch => Try(branch, at, then)),
            Re2Node.Repeat repeat => TryRepeat(repeat, repeat.Min, repeat.Max, at, then),
            Re2Node.Group group => TryGroup(group, at, then),
            _ => throw new InvalidOperationException(item.ToString()),
        };
    }

    private RuneKind Kind(int at)
    {
        return at < 0 || at >= _input.Length ? RuneKind.Edge
            : _input[at].Value == '\n' ? RuneKind.Newline
            : AsciiClasses.Word.Contains(_input[at].Value) ? RuneKind.Word
            : RuneKind.Other;
    }

    private bool TryAll(IReadOnlyList<Re2Node> items, int index, int at, Func<int, bool> then)
    {
        return index == items.Count ? then(at) : Try(items[index], at, end => TryAll(items, index + 1, end, then));
    }

    private bool TryRepeat(Re2Node.Repeat repeat, int min, int max, int at, Func<int, bool> then)
    {
        if (max == 0)
        {
            return then(at);
        }

        if (max < 0 && min <= 1)
        {
            bool First() => Try(repeat.Item, at, end => end == at ? then(end) : TryMore(repeat, end, then));
            return min == 1 ? First() : InOrder(repeat.Greedy, First, () => then(at));
        }

        var left = max < 0 ? -1 : max - 1;
        bool Next() => Try(repeat.Item, at, end => TryRepeat(repeat, Math.Max(0, min - 1), left, end, then));
        return min > 0 ? Next() : InOrder(repeat.Greedy, Next, () => then(at));
    }

    /// <summary>Further rounds of a loop; RE2 forgets a round that consumed nothing, unless it was the first.</summary>
    private bool TryMore(Re2Node.Repeat repeat, int at, Func<int, bool> then)
    {
        bool Again() => Try(repeat.Item, at, end => end > at && TryMore(repeat, end, then));
        return InOrder(repeat.Greedy, Again, () => then(at));
    }

    private static bool InOrder(bool greedy, Func<bool> again, Func<bool> leave)
    {
        return greedy ? again() || leave() : leave() || again();
    }

    private bool TryGroup(Re2Node.Group group, int at, Func<int, bool> then)
    {
        var slot = 2 * group.Number;
        var (start, end) = (_groups[slot], _groups[slot + 1]);
        // As in the machine, the start is written on entry and the end on leaving.
        _groups[slot] = at;
        var matched = Try(group.Item, at, stop =>
        {
            var before = _groups[slot + 1];
            _groups[slot + 1] = stop;
            if (then(stop))
            {
                return true;
            }

            _groups[slot + 1] = before;
            return false;
        });
        if (!matched)
        {
            (_groups[slot], _groups[slot + 1]) = (start, end);
        }

        return matched;
    }
}
