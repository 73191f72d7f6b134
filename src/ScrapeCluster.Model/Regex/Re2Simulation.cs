namespace ScrapeCluster.Model;

/// <summary>
/// Runs all threads of a program in step through the input, those with precedence first, and finds the groups of the match
/// that a backtracking engine would find first. Not safe for concurrent use; keeps its buffers.
/// </summary>
internal sealed class Re2Simulation
{
    private readonly Re2Program _program;
    private readonly int _slots;
    private readonly int[] _seen;
    private readonly Stack<Step> _open = new();
    private readonly int[] _working;
    private Threads _current;
    private Threads _next;
    private int _round;

    /// <param name="slots">Twice the number of groups, the whole match counted.</param>
    public Re2Simulation(Re2Program program, int slots)
    {
        _program = program;
        _slots = slots;
        _seen = new int[program.Code.Length];
        _working = new int[slots];
        _current = new Threads(slots);
        _next = new Threads(slots);
    }

    /// <summary>Follow this position, or put a slot back once all that came behind its change is done.</summary>
    private readonly record struct Step(int At, int Slot, int OldValue);

    /// <param name="groups">As long as the slots, or empty when only the answer is asked for.</param>
    public bool TryMatch(ReadOnlySpan<byte> input, Span<int> groups)
    {
        Array.Fill(_working, -1);
        _current.Clear();
        _current.Add(0, _working);
        var before = RuneKind.Edge;
        for (var at = 0; ;)
        {
            var isEnd = at == input.Length;
            var length = 0;
            var runeClass = isEnd ? -1 : _program.Classes.Decode(input[at..], out length);
            var after = isEnd ? RuneKind.Edge : _program.Classes.KindOf(runeClass);
            if (Advance(at, runeClass, before, after))
            {
                _working.AsSpan(0, Math.Min(_slots, groups.Length)).CopyTo(groups);
                return true;
            }

            if (isEnd || _next.Count == 0)
            {
                return false;
            }

            (_current, _next) = (_next, _current);
            before = after;
            at += length;
        }
    }

    /// <summary>Moves every thread over one code point; at the end of the input, true once the first thread matches.</summary>
    private bool Advance(int at, int runeClass, RuneKind before, RuneKind after)
    {
        NewRound();
        _next.Clear();
        for (var i = 0; i < _current.Count; i++)
        {
            _current.SlotsOf(i).CopyTo(_working);
            if (Follow(_current.PositionOf(i), at, runeClass, before, after))
            {
                return true;
            }
        }

        return false;
    }

    private void NewRound()
    {
        if (++_round == int.MaxValue)
        {
            Array.Clear(_seen);
            _round = 1;
        }
    }

    private bool Follow(int start, int at, int runeClass, RuneKind before, RuneKind after)
    {
        _open.Clear();
        _open.Push(new Step(start, -1, 0));
        while (_open.TryPop(out var step))
        {
            if (step.Slot >= 0)
            {
                _working[step.Slot] = step.OldValue;
            }
            else if (Walk(step.At, at, runeClass, before, after))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Goes on until an instruction consumes, fails or matches; alternatives are left on the stack.</summary>
    private bool Walk(int pc, int at, int runeClass, RuneKind before, RuneKind after)
    {
        while (_seen[pc] != _round)
        {
            _seen[pc] = _round;
            var (op, x, y) = _program.Code[pc];
            switch (op)
            {
                case Re2Op.Jump:
                    pc = x;
                    continue;
                case Re2Op.Split:
                    _open.Push(new Step(y, -1, 0));
                    pc = x;
                    continue;
                case Re2Op.Save:
                    if (x < _slots)
                    {
                        _open.Push(new Step(0, x, _working[x]));
                        _working[x] = at;
                    }

                    pc++;
                    continue;
                case Re2Op.Assert when Re2Program.Holds((Re2Assertion)x, before, after):
                    pc++;
                    continue;
                case Re2Op.Take when runeClass >= 0 && _program.Classes.Contains(x, runeClass):
                    _next.Add(pc + 1, _working);
                    return false;
                default:
                    return op == Re2Op.Match && runeClass < 0;
            }
        }

        return false;
    }

    /// <summary>Positions with their slots, in order of precedence.</summary>
    private sealed class Threads(int slots)
    {
        private int[] _positions = new int[16];
        private int[] _slots = new int[16 * slots];

        public int Count { get; private set; }

        public void Clear() => Count = 0;

        public int PositionOf(int index) => _positions[index];

        public ReadOnlySpan<int> SlotsOf(int index) => _slots.AsSpan(index * slots, slots);

        public void Add(int position, ReadOnlySpan<int> values)
        {
            if (Count == _positions.Length)
            {
                Array.Resize(ref _positions, Count * 2);
                Array.Resize(ref _slots, Count * 2 * slots);
            }

            _positions[Count] = position;
            values.CopyTo(_slots.AsSpan(Count * slots));
            Count++;
        }
    }
}
