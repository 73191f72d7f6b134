namespace ScrapeCluster.Model.ClusterApi;

/// <summary><c>status</c>: one node, by its own word.</summary>
/// <param name="State">joining, up, leaving or down.</param>
/// <param name="Incarnation">Null while it is no member.</param>
/// <param name="Leader">Empty while nobody leads.</param>
/// <param name="Refusal">Why it may not join; null when it may.</param>
/// <param name="StoreFault">Why the database does not answer; null when it does.</param>
/// <param name="ReadAt">When the database was read last.</param>
/// <param name="ClockOffsetSeconds">Cluster time less the machine's clock.</param>
public sealed record NodeStatus(
    string Cluster,
    string Node,
    string State,
    bool IsReady,
    long? Incarnation,
    string Leader,
    long Epoch,
    bool IsLeader,
    string? Refusal,
    string? StoreFault,
    DateTimeOffset? ReadAt,
    long AssignmentVersion,
    int OwnedSlots,
    int Targets,
    ConfigStatus Config,
    double ClockOffsetSeconds,
    LocalHistory History,
    string Version,
    DateTimeOffset StartTime);

/// <param name="ClusterVersion">The newest that was published.</param>
/// <param name="Drift">How the node's own file differs from what the cluster runs; null when it does not.</param>
/// <param name="LastReloadError">Null when the last reload succeeded.</param>
public sealed record ConfigStatus(long ClusterVersion, string? Drift, string? LastReloadError);

/// <summary>What a node's own storage answers for, and nobody else does.</summary>
/// <param name="Oldest">Null while it has no samples.</param>
public sealed record LocalHistory(long Series, DateTimeOffset? Oldest, DateTimeOffset? Newest);

/// <summary><c>members</c></summary>
public sealed record MembersStatus(IReadOnlyList<MemberStatus> Members);

/// <param name="IsSelf">The node that was asked.</param>
/// <param name="SamplesPerSecond">By its last heartbeat.</param>
/// <param name="Capacity">Samples per second; 0 = not limited.</param>
public sealed record MemberStatus(
    string Node,
    string State,
    bool IsLeader,
    bool IsCordoned,
    bool IsSelf,
    long Incarnation,
    string Address,
    string ApiAddress,
    string Zone,
    double SamplesPerSecond,
    double Capacity,
    int Slots,
    double SeenSecondsAgo,
    long AppliedAssignments,
    long AppliedConfig,
    string Version);

/// <summary><c>leader</c></summary>
/// <param name="Node">Empty while nobody leads.</param>
public sealed record LeaderStatus(string Node, long Epoch, bool IsExpired, string ApiAddress);

/// <summary><c>events</c>, newest first.</summary>
public sealed record EventsStatus(IReadOnlyList<EventStatus> Events);

public sealed record EventStatus(long Id, DateTimeOffset At, string Kind, string Subject, string Detail, string Node, long Epoch);

/// <summary>Answer to <c>members/NAME/leave</c>.</summary>
/// <param name="SlotsLeftBehind">That nobody took within the deadline; -1 when the node was told through the database and has not answered.</param>
/// <param name="History">That nobody will answer for once the node has stopped; null when it could not be asked.</param>
public sealed record LeaveStatus(string Node, bool KeepsServing, int SlotsLeftBehind, LocalHistory? History, string Text);

/// <summary>Answer to an order.</summary>
public sealed record OrderStatus(string Text);
