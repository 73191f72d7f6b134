namespace ScrapeCluster.Cluster.Membership;

/// <summary>What the leader knows of one member from its own stream to it.</summary>
/// <param name="Missed">Probes without an answer since the last one.</param>
/// <param name="IsRefused">The stream broke and nobody listens there any more: the process is gone.</param>
/// <param name="SeenAgo">Since its last heartbeat reached the store.</param>
public readonly record struct MemberSigns(int Missed, bool IsRefused, TimeSpan SeenAgo)
{
    /// <summary>At least once, to this leader.</summary>
    public bool HasSpoken { get; init; }
}

public enum Verdict
{
    Alive,

    /// <summary>Not heard of, and not known to be dead.</summary>
    Doubtful,
    Dead,
}

/// <summary>When the leader declares a member dead, and when it must doubt itself instead. Pure.</summary>
public static class MemberRules
{
    public const int ProbesMissed = 3;
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    /// <summary>A heartbeat older than this is no sign of life.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(3);

    /// <summary>Timers later than this mean that this node is the sick one.</summary>
    public static readonly TimeSpan OwnLateness = TimeSpan.FromSeconds(1);

    /// <summary>A killed process is known at once, since its port refuses; silence needs two witnesses, the probes and the store.</summary>
    public static Verdict Of(MemberSigns signs)
    {
        if (signs.IsRefused)
        {
            return Verdict.Dead;
        }

        if (signs.Missed >= ProbesMissed)
        {
            return signs.SeenAgo > FreshFor ? Verdict.Dead : Verdict.Doubtful;
        }

        return signs.Missed == 0 ? Verdict.Alive : Verdict.Doubtful;
    }

    /// <summary>A leader that reaches no more than half of the members who are fresh in the store, itself counted, is cut off itself.</summary>
    /// <param name="others">All other members that are up.</param>
    public static bool MustResign(IReadOnlyCollection<MemberSigns> others)
    {
        var fresh = others.Count(signs => signs.SeenAgo <= FreshFor) + 1;
        var unreached = others.Count(signs => signs.SeenAgo <= FreshFor && signs.Missed >= ProbesMissed);
        return (fresh - unreached) * 2 <= fresh && unreached > 0;
    }

    /// <summary>
    /// Only who reaches more than half of the members that are fresh in the store, itself counted, may call others silent: a new leader's line may be the one that is cut.
    /// </summary>
    /// <param name="others">All other members that are up.</param>
    public static bool MayJudgeSilence(IReadOnlyCollection<MemberSigns> others)
    {
        var fresh = others.Count(signs => signs.SeenAgo <= FreshFor) + 1;
        var reached = others.Count(signs => signs.SeenAgo <= FreshFor && signs.HasSpoken && signs.Missed < ProbesMissed) + 1;
        return reached * 2 > fresh;
    }
}
