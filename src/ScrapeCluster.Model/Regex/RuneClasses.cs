using System.Text;

namespace ScrapeCluster.Model;

/// <summary>What stands before or behind a position, as far as assertions ask.</summary>
internal enum RuneKind : byte
{
    /// <summary>The beginning or the end of the text.</summary>
    Edge,
    Newline,
    Word,
    Other,
}

/// <summary>
/// Code points that no set of a pattern tells apart share a class, so that an automaton needs one transition for each class
/// instead of 1.1 million.
/// </summary>
internal sealed class RuneClasses
{
    private readonly int[] _starts;
    private readonly int[] _classes;
    private readonly int[] _ascii = new int[128];
    private readonly RuneKind[] _kinds;
    private readonly bool[][] _members;

    /// <param name="sets">The sets of the pattern.</param>
    /// <param name="tellKinds">Whether newlines and word characters must be told from the rest, for assertions.</param>
    public RuneClasses(IReadOnlyList<RuneSet> sets, bool tellKinds)
    {
        RuneSet[] all = tellKinds ? [.. sets, RuneSet.Of('\n'), AsciiClasses.Word] : [.. sets];
        _starts = Boundaries(all);
        _classes = new int[_starts.Length];
        Count = 1;
        foreach (var set in all)
        {
            Count = Refine(set, Count);
        }

        _members = [.. sets.Select(MembersOf)];
        _kinds = new RuneKind[Count];
        Array.Fill(_kinds, RuneKind.Other);
        for (var i = 0; tellKinds && i < _starts.Length; i++)
        {
            _kinds[_classes[i]] = _starts[i] == '\n' ? RuneKind.Newline : AsciiClasses.Word.Contains(_starts[i]) ? RuneKind.Word : RuneKind.Other;
        }

        for (var i = 0; i < _ascii.Length; i++)
        {
            _ascii[i] = Search(i);
        }
    }

    public int Count { get; private set; }

    public bool Contains(int set, int runeClass) => _members[set][runeClass];

    public RuneKind KindOf(int runeClass) => _kinds[runeClass];

    /// <summary>The class of the code point at the front. A byte that is not UTF-8 counts as U+FFFD, one byte long, as in Go.</summary>
    public int Decode(ReadOnlySpan<byte> utf8, out int lengthBytes)
    {
        lengthBytes = 1;
        if (utf8[0] < 0x80)
        {
            return _ascii[utf8[0]];
        }

        var status = Rune.DecodeFromUtf8(utf8, out var rune, out var consumed);
        lengthBytes = status == System.Buffers.OperationStatus.Done ? consumed : 1;
        return Search(rune.Value);
    }

    private static int[] Boundaries(RuneSet[] sets)
    {
        var starts = new SortedSet<int> { 0 };
        foreach (var (low, high) in sets.SelectMany(set => set.Ranges))
        {
            starts.Add(low);
            if (high < RuneSet.MaxRune)
            {
                starts.Add(high + 1);
            }
        }

        return [.. starts];
    }

    /// <summary>Splits every class into its members within and without the set; gives the new number of classes.</summary>
    private int Refine(RuneSet set, int count)
    {
        var inside = new int[count];
        var outside = new int[count];
        var next = 0;
        for (var i = 0; i < _starts.Length; i++)
        {
            var halves = set.Contains(_starts[i]) ? inside : outside;
            ref var renamed = ref halves[_classes[i]];
            renamed = renamed == 0 ? ++next : renamed;
            _classes[i] = renamed - 1;
        }

        return next;
    }

    private bool[] MembersOf(RuneSet set)
    {
        var members = new bool[Count];
        for (var i = 0; i < _starts.Length; i++)
        {
            members[_classes[i]] |= set.Contains(_starts[i]);
        }

        return members;
    }

    private int Search(int rune)
    {
        var index = Array.BinarySearch(_starts, rune);
        return _classes[index < 0 ? ~index - 1 : index];
    }
}
