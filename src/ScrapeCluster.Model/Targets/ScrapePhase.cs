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
        var intervalNs = interval.Ticks * NanosecondsPerTick;
        var sinceSlot = (now.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) % interval.Ticks * NanosecondsPerTick;
        var toNextSlot = intervalNs - sinceSlot;
        var phase = (long)((targetHash ^ seed) % (ulong)intervalNs);
        var wait = toNextSlot + phase;
        return TimeSpan.FromTicks((wait > intervalNs ? wait - intervalNs : wait) / NanosecondsPerTick);
    }
}
