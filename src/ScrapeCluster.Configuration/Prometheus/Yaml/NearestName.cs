namespace ScrapeCluster.Configuration;

/// <summary>Guesses which known name a mistyped one was meant to be.</summary>
internal static class NearestName
{
    /// <summary>The closest candidate within a third of the name's length in edits, or null.</summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        var best = (Distance: (name.Length / 3) + 1, Name: (string?)null);
        foreach (var candidate in candidates)
        {
            var distance = Distance(name, candidate);
            if (distance < best.Distance)
            {
                best = (distance, candidate);
            }
        }

        return best.Name;
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
