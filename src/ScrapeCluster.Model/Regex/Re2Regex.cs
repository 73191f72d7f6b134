using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace ScrapeCluster.Model;

/// <summary>A compiled pattern; matches only the whole input. Safe for concurrent use.</summary>
public sealed class Re2Regex
{
    private readonly Re2Program _program;
    private readonly IReadOnlyList<string> _groupNames;
    private readonly Re2Shape.Framed? _frame;
    private readonly Re2Shape.OneOf? _list;
    private readonly FrozenSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> _texts;
    private readonly Lazy<Re2Automaton> _automaton;
    private Re2Simulation? _spare;

    internal Re2Regex(string pattern, Re2Program program, IReadOnlyList<string> groupNames, Re2Shape? shape)
    {
        Pattern = pattern;
        _program = program;
        _groupNames = groupNames;
        _frame = shape as Re2Shape.Framed;
        _list = shape as Re2Shape.OneOf;
        _automaton = new(() => new Re2Automaton(program));
        if (_list is not null)
        {
            _texts = _list.Texts.Select(Encoding.UTF8.GetBytes).ToFrozenSet(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
        }
    }

    public string Pattern { get; }

    /// <summary>How many instructions it has, which is what it takes of memory.</summary>
    public int Size => _program.Code.Length;

    /// <summary>Number of capture groups, the whole match not counted.</summary>
    public int GroupCount => _groupNames.Count - 1;

    /// <summary>The only inputs that match, when the pattern is a plain list such as <c>a|b</c>; else null.</summary>
    public IReadOnlyList<string>? Literals => _list?.Texts;

    /// <summary>The number of a named group, or -1.</summary>
    public int GroupNumber(string name)
    {
        for (var i = 1; i < _groupNames.Count && name.Length > 0; i++)
        {
            if (_groupNames[i] == name)
            {
                return i;
            }
        }

        return -1;
    }

    public bool IsMatch(string input) => IsMatch(input.AsSpan());

    public bool IsMatch(ReadOnlySpan<char> input)
    {
        const int OnStack = 256;
        byte[]? rented = null;
        var room = Encoding.UTF8.GetMaxByteCount(input.Length);
        var utf8 = room <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(room);
        try
        {
            return IsMatch((ReadOnlySpan<byte>)utf8[..Encoding.UTF8.GetBytes(input, utf8)]);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    public bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        return _frame?.IsMatch(utf8) ?? (_list is not null ? _texts.Contains(utf8) : IsMatchByMachine(utf8));
    }

    /// <summary>Fills in start and end of the whole match and of each group, in bytes; -1 for a group that took no part.</summary>
    /// <param name="groups">At least 2 x (<see cref="GroupCount"/> + 1) long.</param>
    public bool TryMatch(ReadOnlySpan<byte> utf8, Span<int> groups)
    {
        if (!IsMatch(utf8))
        {
            return false;
        }

        if (_frame is { HasGroup: true })
        {
            groups[2] = _frame.Prefix.Length;
            groups[3] = utf8.Length - _frame.Suffix.Length;
        }
        else if (GroupCount > 0)
        {
            Simulate(utf8, groups);
        }

        groups[0] = 0;
        groups[1] = utf8.Length;
        return true;
    }

    /// <summary>The way without short cuts, against which those are tested.</summary>
    internal bool IsMatchByMachine(ReadOnlySpan<byte> utf8) => _automaton.Value.IsMatch(utf8) ?? Simulate(utf8, []);

    /// <summary>Finds the groups, slots 0 and 1 left at -1.</summary>
    internal bool Simulate(ReadOnlySpan<byte> utf8, Span<int> groups)
    {
        // One set of buffers is kept; a second caller at the same time makes its own.
        var simulation = Interlocked.Exchange(ref _spare, null) ?? new Re2Simulation(_program, 2 * _groupNames.Count);
        var matched = simulation.TryMatch(utf8, groups);
        Volatile.Write(ref _spare, simulation);
        return matched;
    }
}
