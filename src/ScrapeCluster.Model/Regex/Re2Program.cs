using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Model;

internal enum Re2Op : byte
{
    /// <summary>Consumes a code point of set X, then goes on at the next instruction.</summary>
    Take,

    /// <summary>Goes on at X, and with less right at Y.</summary>
    Split,

    Jump,

    /// <summary>Notes the position in slot X.</summary>
    Save,

    /// <summary>Goes on only where assertion X holds.</summary>
    Assert,

    Match,
}

internal readonly record struct Re2Instruction(Re2Op Op, int X = 0, int Y = 0);

/// <summary>
/// A pattern as instructions for a machine of threads in order of precedence (the construction of Thompson and Pike,
/// https://swtch.com/~rsc/regexp/regexp2.html).
/// </summary>
internal sealed class Re2Program
{
    private const int MaxInstructions = 200_000;

    private readonly List<Re2Instruction> _code = [];
    private readonly Dictionary<RuneSet, int> _sets = [];

    private Re2Program()
    {
    }

    public Re2Instruction[] Code { get; private set; } = [];

    public RuneClasses Classes { get; private set; } = null!;

    public bool HasAssertions { get; private set; }

    public static bool TryCompile(Re2Node node, [NotNullWhen(true)] out Re2Program? program)
    {
        program = new Re2Program();
        if (!program.Emit(node))
        {
            program = null;
            return false;
        }

        program._code.Add(new(Re2Op.Match));
        program.Code = [.. program._code];
        program.Classes = new RuneClasses([.. program._sets.Keys], program.HasAssertions);
        return true;
    }

    public static bool Holds(Re2Assertion assertion, RuneKind before, RuneKind after)
    {
        return assertion switch
        {
            Re2Assertion.BeginText => before == RuneKind.Edge,
            Re2Assertion.EndText => after == RuneKind.Edge,
            Re2Assertion.BeginLine => before is RuneKind.Edge or RuneKind.Newline,
            Re2Assertion.EndLine => after is RuneKind.Edge or RuneKind.Newline,
            Re2Assertion.WordBoundary => (before == RuneKind.Word) != (after == RuneKind.Word),
            _ => (before == RuneKind.Word) == (after == RuneKind.Word),
        };
    }

    /// <summary>False when the program grows too large.</summary>
    private bool Emit(Re2Node node)
    {
        switch (node)
        {
            case Re2Node.OneOf oneOf:
                _sets.TryAdd(oneOf.Set, _sets.Count);
                Append(new(Re2Op.Take, _sets[oneOf.Set]));
                break;
            case Re2Node.Assertion assertion:
                HasAssertions = true;
                Append(new(Re2Op.Assert, (int)assertion.Kind));
                break;
            case Re2Node.Concat concat:
                return concat.Items.All(Emit);
            case Re2Node.Alternate alternate:
                return EmitAlternate(alternate.Branches);
            case Re2Node.Repeat repeat:
                return EmitRepeat(repeat);
            case Re2Node.Group group:
                Append(new(Re2Op.Save, 2 * group.Number));
                var emitted = Emit(group.Item);
                Append(new(Re2Op.Save, (2 * group.Number) + 1));
                return emitted;
        }

        return _code.Count <= MaxInstructions;
    }

    private int Append(Re2Instruction instruction)
    {
        _code.Add(instruction);
        return _code.Count - 1;
    }

    private bool EmitAlternate(IReadOnlyList<Re2Node> branches)
    {
        var jumps = new List<int>();
        for (var i = 0; i < branches.Count - 1; i++)
        {
            var split = Append(default);
            if (!Emit(branches[i]))
            {
                return false;
            }

            jumps.Add(Append(default));
            _code[split] = new(Re2Op.Split, split + 1, _code.Count);
        }

        var emitted = Emit(branches[^1]);
        foreach (var jump in jumps)
        {
            _code[jump] = new(Re2Op.Jump, _code.Count);
        }

        return emitted;
    }

    private bool EmitRepeat(Re2Node.Repeat repeat)
    {
        if (repeat is { Min: 0, Max: < 0 })
        {
            return EmitStar(repeat.Item, repeat.Greedy);
        }

        for (var i = 0; i < repeat.Min; i++)
        {
            var start = _code.Count;
            if (!Emit(repeat.Item))
            {
                return false;
            }

            if (repeat.Max < 0 && i == repeat.Min - 1)
            {
                Append(Branch(start, _code.Count + 1, repeat.Greedy));
            }
        }

        return EmitOptionals(repeat, repeat.Max - repeat.Min);
    }

    private bool EmitStar(Re2Node item, bool greedy)
    {
        var split = Append(default);
        if (!Emit(item))
        {
            return false;
        }

        // An item that can be empty is tried before the loop ends: x* is then (x+)?, which keeps the order of precedence.
        Append(item.IsNullable ? Branch(split + 1, _code.Count + 1, greedy) : new(Re2Op.Jump, split));
        _code[split] = Branch(split + 1, _code.Count, greedy);
        return true;
    }

    /// <summary>x{0,3} is (x(x(x)?)?)?.</summary>
    private bool EmitOptionals(Re2Node.Repeat repeat, int count)
    {
        var splits = new List<int>();
        for (var i = 0; i < count; i++)
        {
            splits.Add(Append(default));
            if (!Emit(repeat.Item))
            {
                return false;
            }
        }

        foreach (var split in splits)
        {
            _code[split] = Branch(split + 1, _code.Count, repeat.Greedy);
        }

        return true;
    }

    private static Re2Instruction Branch(int again, int exit, bool greedy)
    {
        return greedy ? new(Re2Op.Split, again, exit) : new(Re2Op.Split, exit, again);
    }
}
