using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Sending;

namespace ScrapeCluster.Cluster;

/// <summary>What this node is to the cluster, and the cluster's rules: the settings under <c>scrapecluster.cluster</c>.</summary>
public sealed record ClusterTerms
{
    public required string Cluster { get; init; }

    public required string Node { get; init; }

    /// <summary>Random name of the data directory, made with it.</summary>
    public required string DataId { get; init; }

    /// <summary>Where peers reach this node, host:port.</summary>
    public string Address { get; init; } = "";

    /// <summary>URL of this node's API, for people and for links.</summary>
    public string ApiAddress { get; init; } = "";

    public string Zone { get; init; } = "";

    /// <summary>Samples per second that this node takes at most; 0 = not limited.</summary>
    public double Capacity { get; init; }

    public string Version { get; init; } = "";

    /// <summary>Slots of each bucket.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Placement at a cold start waits for so many members, but not longer than <see cref="StartTimeout"/>.</summary>
    public int MinMembers { get; init; } = 1;

    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A leaving node gives up handing over after this long.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often state is read again even when no doorbell rang.</summary>
    public TimeSpan ReadInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often the leader looks at load and plans.</summary>
    public TimeSpan PlanInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A node that went is awaited back for so long: meanwhile load is evened out only when it is very uneven. Zero: nobody is awaited.</summary>
    public TimeSpan AwaitBack { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Corrective moves of one round at most.</summary>
    public int MoveBudget { get; init; } = 64;

    public LeaseTerms Lease { get; init; } = LeaseTerms.Default;

    public MoveTerms Moves { get; init; } = MoveTerms.Default;

    public SendingTerms Sending { get; init; } = SendingTerms.Default;

    /// <summary>Of messages and rows that this version writes; a leader uses only what all members report.</summary>
    public const int Protocol = 1;
}
