namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// Whether this node is the sick one. What comes late here (ticks, work given to the thread pool, the lifeline's turns) makes others look silent, so for a while
/// after it nothing is concluded from silence. Pure.
/// </summary>
/// <remarks>Written by one thread, read by any.</remarks>
internal sealed class SelfDoubt
{
    /// <summary>How long it takes until silence can be judged again: as many probes as make a verdict, and one.</summary>
    public static readonly TimeSpan Recovery = (MemberRules.ProbesMissed + 1) * MemberRules.ProbeInterval;

    private TimeSpan? _tickedAt;
    private long _until = long.MinValue;

    /// <summary>To be told of every tick, which come each <see cref="MemberRules.ProbeInterval"/>.</summary>
    public void Ticked(TimeSpan now)
    {
        if (_tickedAt is { } before)
        {
            Late(now - before - MemberRules.ProbeInterval, now);
        }

        _tickedAt = now;
    }

    /// <summary>Something happened so much later than it should.</summary>
    public void Late(TimeSpan lateness, TimeSpan now)
    {
        if (lateness > MemberRules.OwnLateness)
        {
            Volatile.Write(ref _until, Math.Max(_until, (now + Recovery).Ticks));
        }
    }

    public bool IsSick(TimeSpan now) => now.Ticks < Volatile.Read(ref _until);
}
