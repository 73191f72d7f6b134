using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Hosting;

/// <summary>What the endpoints reach of the cluster that the node belongs to. All of it may be used from any thread.</summary>
internal sealed record ClusterAccess
{
    public required ClusterTerms Terms { get; init; }

    public required ClusterBoard Board { get; init; }

    public required IPeers Peers { get; init; }

    /// <summary>Where this node says what it answers to others; null: it answers nobody.</summary>
    public IPeerRoutes? Routes { get; init; }

    public required ICoordinationStore Store { get; init; }

    /// <summary>Label that tells the slots of a bucket apart; answers leave it out. Empty with one slot a bucket.</summary>
    public Func<string> ReplicaLabel { get; init; } = static () => "";

    /// <summary>Cluster time less the machine's own.</summary>
    public Func<TimeSpan> ClockOffset { get; init; } = () => TimeSpan.Zero;

    /// <summary>Where the configuration in force comes from, when it is not this node's own file; null when both are equal.</summary>
    public Func<string?> ConfigDrift { get; init; } = () => null;

    /// <summary>What this node, as the leader, would move to even out load. Refuses by <see cref="InvalidOperationException"/> with the reason.</summary>
    public Func<CancellationToken, Task<PlacementPlan>>? Plan { get; init; }

    /// <summary>Begins those moves now. Refuses in the same way.</summary>
    public Func<CancellationToken, Task<PlacementPlan>>? Rebalance { get; init; }

    /// <summary>Has this node, as the leader, let a bucket out of quarantine, and tells its slots that were in it as they are then. Refuses in the same way.</summary>
    public Func<BucketKey, CancellationToken, Task<IReadOnlyList<Assignment>>>? Release { get; init; }

    /// <summary>
    /// Hands over all that this node has; answered when it owns nothing any more or the deadline is over. The process goes on.
    /// </summary>
    public Func<LeaveCluster, CancellationToken, Task<HasLeft>>? Leave { get; init; }

    public string Node => Terms.Node;
}
