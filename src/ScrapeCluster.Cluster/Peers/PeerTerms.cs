namespace ScrapeCluster.Cluster.Peers;

/// <summary>What both ends of a call between nodes go by.</summary>
public sealed record PeerTerms
{
    public required string Cluster { get; init; }

    /// <summary>This node.</summary>
    public required string Node { get; init; }

    public required ClusterSecret Secret { get; init; }

    /// <summary>Cluster time, null while this node does not know it: then the age of a call is not judged.</summary>
    public Func<DateTimeOffset?> ClusterNow { get; init; } = () => null;

    /// <summary>Of one request, one answer, one message of a stream.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024 * 1024;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Until a stream has begun; from then on its reader judges silence.</summary>
    public TimeSpan StreamStartTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A peer whose machine vanished breaks its connections after <see cref="PingDelay"/> + <see cref="PingTimeout"/>; one that was killed does at once.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What the other machine has not received within this breaks the connection. After a cut TCP tries again later and later, up to as long after its end as it had lasted;
    /// a new connection is there at once.
    /// </summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromSeconds(3);
}
