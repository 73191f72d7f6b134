namespace ScrapeCluster.Cluster.Store;

/// <summary>
/// What the nodes of one cluster agree on. In process for a single node, PostgreSQL for more; one conformance suite holds both to these words.
/// Every time that matters is the store's own clock. A call that fails for want of the store throws <see cref="StoreUnavailableException"/> and may or may
/// not have taken effect: callers ask again before they conclude anything.
/// </summary>
public interface ICoordinationStore : IAsyncDisposable
{
    /// <summary>
    /// Heartbeat and lease: blocking calls on a connection of their own, for a thread of their own, so that neither a starved thread pool nor a slow
    /// query makes a healthy node look dead.
    /// </summary>
    ILifeline OpenLifeline();

    /// <summary>Members and assignments that are newer than what the reader has, and the versions of all else.</summary>
    Task<ClusterView> ReadAsync(ReadAfter after, CancellationToken cancellation);

    /// <summary>The named target sets, those that exist; null for all of them.</summary>
    Task<IReadOnlyList<StoredTargetSet>> ReadTargetSetsAsync(IReadOnlyCollection<BucketRef>? buckets, CancellationToken cancellation);

    /// <summary>
    /// The leader's only way to write: all of it or nothing, under <c>WHERE epoch = mine</c>. Makes the next assignment version, events alone do not, and rings the doorbell.
    /// </summary>
    Task<CommitResult> CommitAsync(LeaderCommit commit, CancellationToken cancellation);

    /// <summary>A member's own news, such as leaving; false when that incarnation is down or superseded.</summary>
    Task<bool> SetOwnStateAsync(string node, long incarnation, MemberState state, CancellationToken cancellation);

    /// <summary>An operator's word: cordon, uncordon, down, pin. False when there is no such member.</summary>
    Task<bool> OrderAsync(OperatorOrder order, CancellationToken cancellation);

    /// <summary>Null while none was ever published.</summary>
    Task<StoredConfig?> ReadConfigAsync(long afterVersion, CancellationToken cancellation);

    /// <summary>Publishes the next version; null when <paramref name="expectedVersion"/> is not the newest any more.</summary>
    Task<long?> PublishConfigAsync(long expectedVersion, byte[] payload, string publishedBy, CancellationToken cancellation);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<ClusterEvent>> ReadEventsAsync(long afterId, int limit, CancellationToken cancellation);

    /// <summary>Notes what a node saw by itself, such as a double scrape; nothing depends on it.</summary>
    Task NoteAsync(ClusterEvent noted, CancellationToken cancellation);

    /// <summary>
    /// Ends when the doorbell rang, or might have while nobody listened, or the time is over. Only a ring asks for a look: what is missed, heartbeats tell.
    /// </summary>
    /// <returns>False: the time is over.</returns>
    Task<bool> WaitForDoorbellAsync(TimeSpan longest, CancellationToken cancellation);
}

/// <summary>The store did not answer, or not in time. The message names it and what to look at.</summary>
public sealed class StoreUnavailableException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Nothing came back at all, as from behind a line that is cut: it may be open again at any moment, and nothing will say so.</summary>
    public bool IsSilent { get; init; }
}
