namespace ScrapeCluster.Actors;

/// <summary>Calls back once at a time that can be moved; the callback may come a little late, never early.</summary>
internal interface IAlarm : IDisposable
{
    /// <summary>From now; replaces what was set before.</summary>
    void Set(TimeSpan wait);
}

internal static class Alarm
{
    /// <summary>
    /// A thread of its own for the real time: the framework's timers come 3 to 7 ms late on Linux (docs/benchmarks.md), and a scrape may be 2 ms late and still be
    /// stored at its planned time. Any other provider, such as a test's, has its own timer.
    /// </summary>
    public static IAlarm Of(TimeProvider time, Action ring) => time == TimeProvider.System ? new AlarmThread(ring) : new ProviderAlarm(time, ring);
}
