namespace ScrapeCluster.Configuration;

/// <summary>The known name that a misspelt one most probably meant, by Levenshtein distance.</summary>
internal static class NearestName
{
    public static string Of(string name, IEnumerable<string> known) =>
        known.MinBy(candidate => (Distance(name, candidate), candidate.Length)) ?? "";

    /// <summary>Null when even the nearest differs in more than a third of the name.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        var nearest = Of(name, known);
        return nearest.Length > 0 && Distance(name, nearest) <= name.Length / 3 ? nearest : null;
    }

    internal static int Distance(string from, string to)
    {
        var previous = new int[to.Length + 1];
        var current = new int[to.Length + 1];
        for (var column = 0; column <= to.Length; column++)
        {
            previous[column] = column;
        }

        for (var row = 1; row <= from.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= to.Length; column++)
            {
                var replaced = previous[column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1);
                current[column] = Math.Min(replaced, Math.Min(previous[column], current[column - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[to.Length];
    }
}
