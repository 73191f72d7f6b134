namespace ScrapeCluster.Model;

/// <summary>Follows jumps, splits and assertions that hold to the instructions that consume or match. Not safe for concurrent use.</summary>
internal sealed class Re2Closure(Re2Program program)
{
    private readonly bool[] _seen = new bool[program.Code.Length];
    private readonly Stack<int> _open = new();

    /// <summary>In no particular order.</summary>
    public List<int> Follow(ReadOnlySpan<int> positions, RuneKind before, RuneKind after)
    {
        Array.Clear(_seen);
        var reached = new List<int>();
        foreach (var position in positions)
        {
            _open.Push(position);
        }

        while (_open.TryPop(out var at))
        {
            if (_seen[at])
            {
                continue;
            }

            _seen[at] = true;
            var instruction = program.Code[at];
            switch (instruction.Op)
            {
                case Re2Op.Jump:
                    _open.Push(instruction.X);
                    break;
                case Re2Op.Split:
                    _open.Push(instruction.X);
                    _open.Push(instruction.Y);
                    break;
                case Re2Op.Save:
                case Re2Op.Assert when Re2Program.Holds((Re2Assertion)instruction.X, before, after):
                    _open.Push(at + 1);
                    break;
                case Re2Op.Assert:
                    break;
                default:
                    reached.Add(at);
                    break;
            }
        }

        return reached;
    }
}
