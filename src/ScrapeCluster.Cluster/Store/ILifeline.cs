namespace ScrapeCluster.Cluster.Store;

/// <summary>A node's heartbeat and its hand on the lease; one thread uses it. Calls block for at most the timeout it was opened with.</summary>
public interface ILifeline : IDisposable
{
    /// <summary>
    /// Enters the cluster under a new incarnation. The same name from the same data directory supersedes the one before at once; from another directory
    /// it is refused while the first is alive.
    /// </summary>
    JoinAnswer Join(JoinRequest request);

    /// <summary>A compare-and-swap on (node, incarnation, not down): a refusal means that this incarnation is over.</summary>
    HeartbeatAnswer Beat(Heartbeat heartbeat);

    /// <summary>
    /// Takes or renews the lease: one compare-and-swap for both. Taken when it is free, expired, or <paramref name="earlyFromEpoch"/> is its epoch (its holder
    /// is known to be dead); a lease taken has the next epoch, a renewed one keeps it.
    /// </summary>
    LeaseAnswer Hold(string role, string node, long incarnation, TimeSpan ttl, long? earlyFromEpoch = null, long atLeastEpoch = 0);

    /// <summary>Gives the lease back, so that another can take it at once. Does nothing when it is no longer ours.</summary>
    void Resign(string role, string node, long incarnation, long epoch);
}

/// <param name="DataId">Random name of the data directory, made with it: tells a restart from a second node of the same name.</param>
/// <param name="Address">Where peers reach this node, host:port.</param>
/// <param name="ApiAddress">Where people and Prometheus's API reach it.</param>
/// <param name="Capacity">Samples per second that this node takes at most; 0 = not limited.</param>
/// <param name="AliveWithin">A member heard of within this time counts as alive.</param>
public sealed record JoinRequest(
    string Node, string DataId, string Address, string ApiAddress, string Zone, double Capacity, int Protocol, string Version, TimeSpan AliveWithin);

/// <param name="Incarnation">Null when refused.</param>
public sealed record JoinAnswer(long? Incarnation, string? Refusal);

/// <param name="Load">Samples per second, now.</param>
/// <param name="Progress">Scrapes ended so far: stands still in a node that only seems to live.</param>
public sealed record Heartbeat(
    string Node, long Incarnation, double Load, long Progress, long AppliedAssignments, long AppliedConfig, string ConfigHash, long HighestEpoch);

/// <param name="StoreTime">The store's clock while it answered.</param>
public sealed record HeartbeatAnswer(bool IsAccepted, MemberState State, LeaseView Lease, long AssignmentVersion, long ConfigVersion, DateTimeOffset StoreTime)
{
    /// <summary>The newest incarnation of the asking node that the store knows; 0 = none. Below the asking one: the store went back in time.</summary>
    public long StoredIncarnation { get; init; }

    /// <summary>By the store's clock, so negative when the lease ran out; null when nobody holds it.</summary>
    public TimeSpan? LeaseEndsIn { get; init; }

    /// <summary>Of members and pins.</summary>
    public long RosterVersion { get; init; }
}

/// <param name="Holder">Empty when nobody ever held it, or it was given back.</param>
/// <param name="IsExpired">By the store's clock.</param>
public sealed record LeaseView(string Holder, long Epoch, bool IsExpired);

/// <param name="IsHeld">By the asking node, for the time to live from the moment it asked.</param>
public sealed record LeaseAnswer(bool IsHeld, LeaseView Lease);
