using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>What the cluster looks like from this node: read by the HTTP API at any time from any thread. Actors replace immutable pieces of it.</summary>
public sealed class ClusterBoard
{
    private volatile ClusterPicture _picture = ClusterPicture.Empty;
    private volatile LeaderPicture? _leader;
    private volatile IReadOnlyDictionary<string, MemberSigns>? _reachability;

    public ClusterPicture Current => _picture;

    /// <summary>Null unless this node leads.</summary>
    public LeaderPicture? Leader => _leader;

    /// <summary>What the leader's streams say of each other member; null unless this node leads.</summary>
    public IReadOnlyDictionary<string, MemberSigns>? Reachability => _reachability;

    internal void Reach(IReadOnlyDictionary<string, MemberSigns>? reachability) => _reachability = reachability;

    internal void Publish(ClusterPicture picture) => _picture = picture;

    internal void Publish(LeaderPicture? leader) => _leader = leader;
}

/// <param name="Incarnation">Null while this node is not a member.</param>
/// <param name="LeaderEpoch">Not null: this node leads.</param>
/// <param name="Assignments">All rows that this node knows, by slot.</param>
/// <param name="StoreFault">Why the store does not answer now; null when it does.</param>
/// <param name="Refusal">Why this node may not join; null when it may.</param>
/// <param name="ReadAt">Cluster time of the last full answer of the store; null before the first.</param>
public sealed record ClusterPicture(
    long? Incarnation,
    MemberState State,
    LeaseView Lease,
    long? LeaderEpoch,
    IReadOnlyList<Member> Members,
    IReadOnlyDictionary<SlotKey, Assignment> Assignments,
    long AssignmentVersion,
    long ConfigVersion,
    IReadOnlyList<Pin> Pins,
    string? StoreFault,
    string? Refusal,
    DateTimeOffset? ReadAt)
{
    public static readonly ClusterPicture Empty = new(
        null, MemberState.Down, new LeaseView("", 0, true), null, [], new Dictionary<SlotKey, Assignment>(), 0, 0, [], null, null, null);

    /// <summary>Targets are scraped several times, or were, and what was stored then carries the label of its replica.</summary>
    public bool HasReplicas => Assignments.Keys.Any(slot => slot.Slot > 0);

    /// <summary>Cluster time of the first call that failed; null while the store answers.</summary>
    public DateTimeOffset? StoreFaultSince { get; init; }
}

/// <summary>What only the leader knows; other nodes ask it.</summary>
/// <param name="Reachability">What the leader's streams say of each member.</param>
/// <param name="Loads">Measured or estimated samples per second, by bucket.</param>
/// <param name="InFlight">Planned moves that have begun.</param>
public sealed record LeaderPicture(
    IReadOnlyDictionary<string, MemberSigns> Reachability,
    PlacementPlan? LastPlan,
    IReadOnlyDictionary<BucketKey, double> Loads,
    IReadOnlyList<SlotMove> InFlight,
    int Waiting,
    IReadOnlyDictionary<BucketKey, string> Quarantined);
