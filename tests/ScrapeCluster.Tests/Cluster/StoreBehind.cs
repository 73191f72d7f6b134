using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Tests.Cluster;

/// <summary>Passes everything on to a real store; tests override what is to fail.</summary>
internal abstract class StoreBehind(ICoordinationStore store) : ICoordinationStore
{
    /// <summary>Asked anew by every call, so that it can be another one or throw.</summary>
    protected virtual ICoordinationStore Inner => store;

    public virtual ILifeline OpenLifeline() => Inner.OpenLifeline();

    public virtual Task<ClusterView> ReadAsync(ReadAfter after, CancellationToken cancellation) => Inner.ReadAsync(after, cancellation);

    public virtual Task<IReadOnlyList<StoredTargetSet>> ReadTargetSetsAsync(IReadOnlyCollection<BucketRef>? buckets, CancellationToken cancellation) =>
        Inner.ReadTargetSetsAsync(buckets, cancellation);

    public virtual Task<CommitResult> CommitAsync(LeaderCommit commit, CancellationToken cancellation) => Inner.CommitAsync(commit, cancellation);

    public virtual Task<bool> SetOwnStateAsync(string node, long incarnation, MemberState state, CancellationToken cancellation) =>
        Inner.SetOwnStateAsync(node, incarnation, state, cancellation);

    public virtual Task<bool> OrderAsync(OperatorOrder order, CancellationToken cancellation) => Inner.OrderAsync(order, cancellation);

    public virtual Task<StoredConfig?> ReadConfigAsync(long afterVersion, CancellationToken cancellation) => Inner.ReadConfigAsync(afterVersion, cancellation);

    public virtual Task<long?> PublishConfigAsync(long expectedVersion, byte[] payload, string publishedBy, CancellationToken cancellation) =>
        Inner.PublishConfigAsync(expectedVersion, payload, publishedBy, cancellation);

    public virtual Task<IReadOnlyList<ClusterEvent>> ReadEventsAsync(long afterId, int limit, CancellationToken cancellation) => Inner.ReadEventsAsync(afterId, limit, cancellation);

    public virtual Task NoteAsync(ClusterEvent noted, CancellationToken cancellation) => Inner.NoteAsync(noted, cancellation);

    public virtual Task<bool> WaitForDoorbellAsync(TimeSpan longest, CancellationToken cancellation) => Inner.WaitForDoorbellAsync(longest, cancellation);

    public virtual ValueTask DisposeAsync() => store.DisposeAsync();
}
