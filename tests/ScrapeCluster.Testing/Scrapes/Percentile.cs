namespace ScrapeCluster.Testing.Scrapes;

public static class Percentile
{
    /// <summary>The smallest value that at least this share of all values does not exceed.</summary>
    public static TimeSpan Of(IEnumerable<TimeSpan> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? TimeSpan.Zero : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }
}
