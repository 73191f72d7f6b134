using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// When a target is scraped: at fixed instants of absolute time, given by its hash, the cluster's seed and its interval. Pure: the same on every node,
/// after every restart.
/// </summary>
internal readonly record struct ScrapeSchedule(ulong TargetHash, ulong Seed, TimeSpan Interval)
{
    // Prometheus's --scrape.timestamp-tolerance goes no further than a hundredth of the interval.
    private const int ToleranceShare = 100;

    /// <summary>The first instant of the plan after <paramref name="now"/>.</summary>
    public DateTimeOffset After(DateTimeOffset now) => now + ScrapePhase.Offset(TargetHash, Seed, Interval, now);

    /// <summary>
    /// The tick after the one of <paramref name="due"/> that came at <paramref name="now"/>. Late ticks are not made up for. When the clock was set back
    /// the plan is followed from there, with at least half an interval to the next tick, so nothing is scraped twice and nothing stops.
    /// </summary>
    public DateTimeOffset Next(DateTimeOffset due, DateTimeOffset now)
    {
        return now < due - (Interval / 2) ? After(now + (Interval / 2)) : After(now > due ? now : due);
    }

    /// <summary>The first instant of the plan from <paramref name="due"/> on, itself one, that the window owns; null when there is none.</summary>
    public DateTimeOffset? NextWithin(TargetWindow window, DateTimeOffset due)
    {
        var first = due >= window.From ? due : After(window.From - TimeSpan.FromTicks(1));
        return window.Owns(first) ? first : null;
    }

    /// <summary>The timestamp of a scrape that started at <paramref name="start"/>: its due time when it was close enough, which makes timestamps regular and small on disk.</summary>
    public long TimestampMs(DateTimeOffset due, DateTimeOffset start, TimeSpan tolerance)
    {
        var allowed = TimeSpan.FromTicks(Math.Min(tolerance.Ticks, Interval.Ticks / ToleranceShare));
        return ((start - due).Duration() <= allowed ? due : start).ToUnixTimeMilliseconds();
    }
}
