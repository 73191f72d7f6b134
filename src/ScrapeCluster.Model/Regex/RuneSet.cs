namespace ScrapeCluster.Model;

/// <summary>An immutable set of code points as sorted ranges that neither touch nor overlap.</summary>
internal sealed class RuneSet : IEquatable<RuneSet>
{
    public const int MaxRune = 0x10FFFF;

    public static readonly RuneSet Any = new([(0, MaxRune)]);

    private readonly (int Low, int High)[] _ranges;

    private RuneSet((int Low, int High)[] ranges) => _ranges = ranges;

    public IReadOnlyList<(int Low, int High)> Ranges => _ranges;

    public static RuneSet Of(int rune) => new([(rune, rune)]);

    public static RuneSet Of(IEnumerable<(int Low, int High)> ranges)
    {
        var merged = new List<(int Low, int High)>();
        foreach (var (low, high) in ranges.Order())
        {
            if (merged.Count > 0 && low <= merged[^1].High + 1)
            {
                merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, high));
            }
            else
            {
                merged.Add((low, high));
            }
        }

        return new RuneSet([.. merged]);
    }

    /// <summary>The only member, or -1.</summary>
    public int Single => _ranges is [var (low, high)] && low == high ? low : -1;

    public bool Contains(int rune)
    {
        var (from, to) = (0, _ranges.Length - 1);
        while (from <= to)
        {
            var middle = (from + to) / 2;
            if (rune < _ranges[middle].Low)
            {
                to = middle - 1;
            }
            else if (rune > _ranges[middle].High)
            {
                from = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    public RuneSet Negated()
    {
        var gaps = new List<(int, int)>();
        var next = 0;
        foreach (var (low, high) in _ranges)
        {
            if (low > next)
            {
                gaps.Add((next, low - 1));
            }

            next = high + 1;
        }

        if (next <= MaxRune)
        {
            gaps.Add((next, MaxRune));
        }

        return new RuneSet([.. gaps]);
    }

    /// <summary>The set with all code points that differ from a member only in case.</summary>
    public RuneSet Folded() => CaseFolding.AddOrbits(this);

    public bool Equals(RuneSet? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges);

    public override bool Equals(object? obj) => Equals(obj as RuneSet);

    public override int GetHashCode() => _ranges.Aggregate(_ranges.Length, HashCode.Combine);
}
