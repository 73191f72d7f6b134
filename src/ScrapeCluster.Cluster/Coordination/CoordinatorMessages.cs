using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>To CoordinatorActor: what would move if load were evened out now? Answered by <see cref="PlanDescribed"/> or <see cref="NoPlanYet"/>; changes nothing.</summary>
public sealed record DescribePlan;

/// <param name="Plan">Its moves are those that <see cref="RebalanceNow"/> would begin.</param>
/// <param name="Loads">Samples per second of each bucket, measured or estimated.</param>
/// <param name="InFlight">Planned moves that have begun.</param>
/// <param name="Waiting">Planned moves that have not.</param>
/// <param name="Quarantined">With the reason.</param>
public sealed record PlanDescribed(
    PlacementPlan Plan,
    IReadOnlyDictionary<BucketKey, double> Loads,
    IReadOnlyList<SlotMove> InFlight,
    int Waiting,
    IReadOnlyDictionary<BucketKey, string> Quarantined);

/// <summary>To CoordinatorActor: even out load now, whether it is uneven enough by the rules or not. Answered by <see cref="RebalanceBegun"/> or <see cref="NoPlanYet"/>.</summary>
public sealed record RebalanceNow;

/// <param name="Moves">Of this round; more may follow until load is even.</param>
public sealed record RebalanceBegun(IReadOnlyList<SlotMove> Moves);

/// <summary>To CoordinatorActor: a bucket's quarantine is over, now. Answered, once that is committed, by <see cref="BucketReleased"/>; or by <see cref="NoPlanYet"/>.</summary>
public sealed record ReleaseBucket(BucketKey Bucket);

/// <param name="Rows">The bucket's slots that were in quarantine, as they are now; none when it was not.</param>
public sealed record BucketReleased(IReadOnlyList<Assignment> Rows);

/// <param name="Reason">Such as a store that does not answer.</param>
public sealed record NoPlanYet(string Reason);

/// <summary>On the event stream: the coordinator failed and started anew from the store. It knows no job's targets until they are told again.</summary>
public sealed record CoordinatorRestarted;
