namespace ScrapeCluster.Storage.Queries;

/// <summary>What one query may read at most; it fails at the first series or sample more. Zero: no limit.</summary>
public readonly record struct QueryLimits(int MaxSeries, long MaxSamples)
{
    public static readonly QueryLimits None;
}

/// <summary>A query wants more than it may have. What it read so far is no answer.</summary>
public sealed class QueryLimitException : Exception
{
    private QueryLimitException(string what, long limit)
        : base($"the query reads more than {limit} {what}: ask for less, or raise scrapecluster.reads.max-{what}")
    {
        IsOfSeries = what == "series";
        Limit = limit;
    }

    /// <summary>Of series rather than of samples.</summary>
    public bool IsOfSeries { get; }

    public long Limit { get; }

    public static QueryLimitException OfSeries(long limit) => new("series", limit);

    /// <summary>Before one more series is taken.</summary>
    internal static void ThrowIfFull(int seriesCount, int maxSeries)
    {
        if (maxSeries > 0 && seriesCount >= maxSeries)
        {
            throw OfSeries(maxSeries);
        }
    }

    public static QueryLimitException OfSamples(long limit) => new("samples", limit);
}
