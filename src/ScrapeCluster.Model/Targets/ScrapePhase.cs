namespace ScrapeCluster.Model;

/// <summary>
/// When a target is due. The phase hangs on absolute time, the target's hash and the seed only, so it survives restarts,
/// reloads and moves between nodes.
/// </summary>
public static class ScrapePhase
{
    private const long NanosecondsPerTick = 100;

    /// <summary>From now to the next due time: above zero, at most one interval (behaviour: Prometheus scrape/target.go, offset).</summary>
    public static TimeSpan Offset(ulong targetHash, ulong seed, TimeSpan interval, DateTimeOffset now)
    {
        // The phase is cut to the clock's resolution before anything is added, so that the due times themselves are multiples of it:
        // else the first due time after a due time would be that same one.
        var phase = (long)((targetHash ^ seed) % (ulong)(interval.Ticks * NanosecondsPerTick)) / NanosecondsPerTick;
        var sinceSlot = (now.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) % interval.Ticks;
        var wait = interval.Ticks - sinceSlot + phase;
        return TimeSpan.FromTicks(wait > interval.Ticks ? wait - interval.Ticks : wait);
    }
}
