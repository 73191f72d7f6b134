namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// Finds a node that beats but scrapes nothing: no scrape has ended for the longer of ten seconds and three of its shortest intervals, though targets are due.
/// Such a node must end, since nobody takes over from one that looks alive. Pure.
/// </summary>
internal sealed class ProgressWatch
{
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(10);
    private const int Intervals = 3;

    /// <summary>Time between two checks counts for this at most: a process that was stopped had no time to scrape in.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(2);

    private TimeSpan? _checkedAt;
    private TimeSpan _still;
    private long _ended = -1;

    /// <param name="now">Monotonic.</param>
    /// <param name="shortestInterval">Of the targets that are due; null when there is no work.</param>
    /// <returns>Why the process must end; null while all is well.</returns>
    public string? Check(TimeSpan now, long scrapesEnded, TimeSpan? shortestInterval)
    {
        var step = now - (_checkedAt ?? now);
        _checkedAt = now;
        if (shortestInterval is not { } interval || scrapesEnded != _ended)
        {
            _ended = scrapesEnded;
            _still = TimeSpan.Zero;
            return null;
        }

        _still += step < LongestStep ? step : LongestStep;
        var limit = interval * Intervals > Least ? interval * Intervals : Least;
        return _still > limit
            ? $"no scrape ended for {_still.TotalSeconds:0} s though targets with an interval of {interval.TotalSeconds:0.###} s are due (limit: {limit.TotalSeconds:0} s, three intervals or ten seconds)"
            : null;
    }
}
