namespace ScrapeCluster.Model;

/// <summary>
/// Answers whether the whole input matches, by a deterministic automaton whose states are built when first reached
/// (https://swtch.com/~rsc/regexp/regexp3.html). Shared between threads: a state never changes but for its transitions, which
/// are published whole.
/// </summary>
internal sealed class Re2Automaton
{
    /// <summary>About 8 MB of states; a pattern that needs more is answered by the simulation.</summary>
    private const int MaxCells = 1_000_000;

    private readonly Lock _buildLock = new();
    private readonly Dictionary<Key, State> _states = [];
    private readonly Re2Program _program;
    private readonly Re2Closure _closure;
    private readonly State _start;
    private int _cells;

    public Re2Automaton(Re2Program program)
    {
        _program = program;
        _closure = new Re2Closure(program);
        _start = GetState([0], RuneKind.Edge)!;
    }

    /// <summary>Null when the automaton would grow too large.</summary>
    public bool? IsMatch(ReadOnlySpan<byte> input)
    {
        var state = _start;
        while (!input.IsEmpty)
        {
            var runeClass = _program.Classes.Decode(input, out var length);
            var next = Volatile.Read(ref state.Next[runeClass]) ?? Build(state, runeClass);
            if (next is null)
            {
                return null;
            }

            if (next.Positions.Length == 0)
            {
                return false;
            }

            state = next;
            input = input[length..];
        }

        return state.AcceptsAtEnd;
    }

    private sealed class State(int[] positions, RuneKind before, bool acceptsAtEnd, int classes)
    {
        /// <summary>Where threads stand before they follow jumps, ascending.</summary>
        public int[] Positions { get; } = positions;

        public RuneKind Before { get; } = before;

        public bool AcceptsAtEnd { get; } = acceptsAtEnd;

        public State?[] Next { get; } = new State?[classes];
    }

    private readonly struct Key(int[] positions, RuneKind before) : IEquatable<Key>
    {
        private readonly int[] _positions = positions;
        private readonly RuneKind _before = before;

        public bool Equals(Key other) => _before == other._before && _positions.AsSpan().SequenceEqual(other._positions);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(_before);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(_positions));
            return hash.ToHashCode();
        }
    }

    private State? Build(State from, int runeClass)
    {
        lock (_buildLock)
        {
            var after = _program.Classes.KindOf(runeClass);
            var next = new SortedSet<int>();
            foreach (var at in _closure.Follow(from.Positions, from.Before, after))
            {
                var instruction = _program.Code[at];
                if (instruction.Op == Re2Op.Take && _program.Classes.Contains(instruction.X, runeClass))
                {
                    next.Add(at + 1);
                }
            }

            var state = GetState([.. next], after);
            if (state is not null)
            {
                Volatile.Write(ref from.Next[runeClass], state);
            }

            return state;
        }
    }

    private State? GetState(int[] positions, RuneKind before)
    {
        var key = new Key(positions, before);
        if (_states.TryGetValue(key, out var state))
        {
            return state;
        }

        _cells += positions.Length + _program.Classes.Count;
        if (_cells > MaxCells && _states.Count > 0)
        {
            return null;
        }

        var accepts = _closure.Follow(positions, before, RuneKind.Edge).Any(at => _program.Code[at].Op == Re2Op.Match);
        state = new State(positions, before, accepts, _program.Classes.Count);
        _states[key] = state;
        return state;
    }
}
