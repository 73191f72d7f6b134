using System.Text;

namespace ScrapeCluster.Model;

/// <summary>
/// Simple case folding: which code points are the same letter but for case. An orbit holds all of them, such as k, K and the
/// Kelvin sign. Derived from the simple upper and lower mappings; the Turkish dotted and dotless i stay alone, as in
/// Unicode's CaseFolding.txt (statuses C and S).
/// </summary>
internal static class CaseFolding
{
    /// <summary>Every cased code point with the others of its orbit, ascending.</summary>
    private static readonly Lazy<SortedDictionary<int, int[]>> Orbits = new(BuildOrbits);

    public static RuneSet AddOrbits(RuneSet set)
    {
        var ranges = new List<(int, int)>(set.Ranges);
        foreach (var (rune, others) in Orbits.Value)
        {
            if (set.Contains(rune))
            {
                ranges.AddRange(others.Select(other => (other, other)));
            }
        }

        return RuneSet.Of(ranges);
    }

    private static SortedDictionary<int, int[]> BuildOrbits()
    {
        var byFold = new Dictionary<int, SortedSet<int>>();
        for (var value = 0; value <= 0x1FFFF; value++)
        {
            var fold = Rune.IsValid(value) ? Fold(new Rune(value)) : value;
            if (fold != value)
            {
                (byFold.TryGetValue(fold, out var orbit) ? orbit : byFold[fold] = [fold]).Add(value);
            }
        }

        var orbits = new SortedDictionary<int, int[]>();
        foreach (var orbit in byFold.Values)
        {
            foreach (var rune in orbit)
            {
                orbits[rune] = [.. orbit.Where(other => other != rune)];
            }
        }

        return orbits;
    }

    /// <summary>Up, then down: σ, ς and Σ meet in σ; k, K and the Kelvin sign in k.</summary>
    private static int Fold(Rune rune)
    {
        return rune.Value is 0x130 or 0x131 ? rune.Value : SimpleCase.Lower(SimpleCase.Upper(SimpleCase.Lower(rune))).Value;
    }
}
