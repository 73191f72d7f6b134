using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>What the lifeline knows after a beat; told to the membership actor, and read by whoever must know who leads right now.</summary>
/// <param name="Incarnation">Null while this node is not a member: before it joined, or since it was declared down.</param>
/// <param name="LeaderEpoch">Not null: this node leads, under this epoch, until <paramref name="TrustedUntil"/>.</param>
/// <param name="TrustedUntil">By the lifeline's monotonic clock.</param>
/// <param name="Fault">Why the store did not answer; null when it did.</param>
/// <param name="Refusal">Why this node may not join; null when it may.</param>
/// <param name="Lateness">How much later than planned this beat began: a sign that the node itself is sick.</param>
public sealed record LifelineReport(
    long? Incarnation, MemberState State, LeaseView Lease, long? LeaderEpoch, TimeSpan TrustedUntil, long AssignmentVersion, long ConfigVersion, string? Fault, string? Refusal, TimeSpan Lateness)
{
    /// <summary>Of members and pins, in the store.</summary>
    public long RosterVersion { get; init; }

    /// <summary>By how much the cluster clock was set at this beat.</summary>
    public TimeSpan ClockStep { get; init; }

    /// <summary>When this beat asked; null when nobody holds the lease.</summary>
    public TimeSpan? LeaseEndsIn { get; init; }

    public static readonly LifelineReport None = new(null, MemberState.Down, new LeaseView("", 0, true), null, TimeSpan.Zero, 0, 0, null, null, TimeSpan.Zero);
}
