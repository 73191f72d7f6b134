using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Store;

public enum MemberState
{
    /// <summary>Known, not yet given anything.</summary>
    Joining,
    Up,

    /// <summary>Hands over what it has; given nothing.</summary>
    Leaving,

    /// <summary>This incarnation is over, whatever it does.</summary>
    Down,
}

/// <param name="SeenAgo">Since its last heartbeat, by the store's clock.</param>
/// <param name="IsCordoned">Keeps what it has, is given nothing.</param>
public sealed record Member(
    string Node,
    long Incarnation,
    string DataId,
    string Address,
    string ApiAddress,
    string Zone,
    MemberState State,
    double Capacity,
    double Load,
    long Progress,
    long AppliedAssignments,
    long AppliedConfig,
    string ConfigHash,
    long HighestEpoch,
    int Protocol,
    string Version,
    bool IsCordoned,
    TimeSpan SeenAgo);

/// <summary>Who scrapes a slot. From <paramref name="EffectiveAt"/> on the owner, before it the <paramref name="Previous"/> one.</summary>
/// <param name="Owner">Empty: placed nowhere, see <paramref name="Reason"/>.</param>
/// <param name="Count">The job's bucket count that this row belongs to.</param>
public sealed record Assignment(
    SlotKey Slot, int Count, string Owner, string Previous, DateTimeOffset EffectiveAt, long Epoch, long Version, string Reason);

/// <summary>A bucket of a certain count of its job.</summary>
public readonly record struct BucketRef(BucketKey Key, int Count);

/// <param name="Payload">Compressed targets, as written by <c>TargetSetCodec</c>.</param>
/// <param name="Checksum">xxHash64 of the unpacked bytes.</param>
public sealed record StoredTargetSet(BucketRef Bucket, long Version, ulong Checksum, byte[] Payload);

/// <summary>What a reader has already, so that it is given what is newer.</summary>
/// <param name="Assignments">0: none, so all rows are wanted.</param>
/// <param name="Roster">Null: all members are wanted, with what their last heartbeats said.</param>
public readonly record struct ReadAfter(long Assignments, long? Roster = null);

/// <param name="Members">All, or those whose row is above the roster version that was asked for. Heartbeats do not count as a change.</param>
/// <param name="AssignmentVersion">The newest; <paramref name="Changed"/> are those above the version that was asked for.</param>
/// <param name="Pins">All; none when the roster is still at the version that was asked for.</param>
public sealed record ClusterView(
    LeaseView Lease,
    IReadOnlyList<Member> Members,
    long AssignmentVersion,
    IReadOnlyList<Assignment> Changed,
    IReadOnlyDictionary<BucketRef, long> TargetSetVersions,
    IReadOnlyList<Pin> Pins,
    long ConfigVersion,
    DateTimeOffset StoreTime)
{
    /// <summary>Rises with every join, change of state, operator's order and pin.</summary>
    public long RosterVersion { get; init; }
}

/// <summary>An operator wants a bucket on one node.</summary>
public sealed record Pin(BucketKey Bucket, string Node);

public sealed record StoredConfig(long Version, byte[] Payload, string PublishedBy, DateTimeOffset PublishedAt);

/// <param name="Kind">Such as <c>join</c>, <c>death</c>, <c>move</c>, <c>leader</c>, <c>quarantine</c>.</param>
/// <param name="Subject">The node or slot it is about.</param>
public sealed record ClusterEvent(long Id, DateTimeOffset At, string Kind, string Subject, string Detail, string Node, long Epoch);

public enum OrderKind
{
    Cordon,
    Uncordon,
    Down,
    Leave,
    Pin,
    Unpin,
}

/// <param name="Bucket">For pins.</param>
public sealed record OperatorOrder(OrderKind Kind, string Node, BucketKey? Bucket = null);
