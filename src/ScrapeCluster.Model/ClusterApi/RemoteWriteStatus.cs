using System.Text.Json.Serialization;

namespace ScrapeCluster.Model.ClusterApi;

/// <summary><c>remote_write</c>: the queues of one node or of all, by node and name.</summary>
public sealed record RemoteWriteStatus(IReadOnlyList<RemoteWriteQueueStatus> Queues);

/// <summary>One queue of one node.</summary>
/// <param name="Protocol"><c>1.0</c> or <c>2.0</c>.</param>
/// <param name="Position">Everything before it is done; null where the queue keeps none.</param>
/// <param name="OwedBytes">Of the log between position and end.</param>
/// <param name="LagSeconds">Between the newest sample in the log and the newest that was sent; 0 when nothing is owed.</param>
/// <param name="Pending">Samples that were read from the log and are neither sent nor dropped yet.</param>
/// <param name="DesiredShards">What the rule wants, before rounding and limits.</param>
public sealed record RemoteWriteQueueStatus(
    string Node,
    string Name,
    string Url,
    string Protocol,
    LogPlaceStatus? Position,
    LogPlaceStatus End,
    long OwedBytes,
    double LagSeconds,
    long Pending,
    int Shards,
    int MinShards,
    int MaxShards,
    double DesiredShards,
    long Sent,
    long Failed,
    long Retried,
    long Dropped,
    DateTimeOffset? NewestSent,
    RemoteWriteFailureStatus? LastFailure)
{
    /// <summary>Null where the samples of every replica are sent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RemoteWriteReplicaStatus? Replicas { get; init; }
}

/// <summary>With <c>remote-write.replicas = primary</c>.</summary>
/// <param name="StoodIn">Samples of slot 1 that were sent.</param>
/// <param name="HeldBack">Samples that were not, since another slot spoke.</param>
/// <param name="Kept">Scrapes that wait for word of the other slot, or are kept until the receiver has the primary's.</param>
public sealed record RemoteWriteReplicaStatus(long StoodIn, long HeldBack, long Kept);

/// <summary>A place in a node's log.</summary>
public sealed record LogPlaceStatus(int Segment, long Offset);

public sealed record RemoteWriteFailureStatus(DateTimeOffset At, string Error);
