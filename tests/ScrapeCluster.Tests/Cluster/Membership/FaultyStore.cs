using System.Collections.Concurrent;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>The store in process, which can be down, or be replaced by one that knows less, as a restored database does.</summary>
internal sealed class FaultyStore(InProcessStore store) : StoreBehind(store)
{
    private volatile InProcessStore _store = store;

    public bool IsDown { get; set; }

    protected override ICoordinationStore Inner => Up;

    /// <summary>The lifeline goes on, all else fails.</summary>
    public bool CannotBeRead { get; set; }

    private InProcessStore Up => IsDown ? throw new StoreUnavailableException("the database is down") : _store;

    public void Replace(InProcessStore other) => _store = other;

    public override ILifeline OpenLifeline() => new Lifeline(this);

    /// <summary>What was asked for, by whomever.</summary>
    public ConcurrentQueue<ReadAfter> Reads { get; } = [];

    public override Task<ClusterView> ReadAsync(ReadAfter after, CancellationToken cancellation)
    {
        Reads.Enqueue(after);
        return IsDown || CannotBeRead ? Down<ClusterView>() : base.ReadAsync(after, cancellation);
    }

    public override Task<IReadOnlyList<StoredTargetSet>> ReadTargetSetsAsync(IReadOnlyCollection<BucketRef>? buckets, CancellationToken cancellation) =>
        IsDown ? Down<IReadOnlyList<StoredTargetSet>>() : base.ReadTargetSetsAsync(buckets, cancellation);

    public override Task<CommitResult> CommitAsync(LeaderCommit commit, CancellationToken cancellation) =>
        IsDown ? Down<CommitResult>() : base.CommitAsync(commit, cancellation);

    public override Task<bool> SetOwnStateAsync(string node, long incarnation, MemberState state, CancellationToken cancellation) =>
        IsDown ? Down<bool>() : base.SetOwnStateAsync(node, incarnation, state, cancellation);

    public override Task<bool> OrderAsync(OperatorOrder order, CancellationToken cancellation) => IsDown ? Down<bool>() : base.OrderAsync(order, cancellation);

    /// <summary>Listening goes on while nothing rings.</summary>
    public override Task<bool> WaitForDoorbellAsync(TimeSpan longest, CancellationToken cancellation) => _store.WaitForDoorbellAsync(longest, cancellation);

    public override ValueTask DisposeAsync() => _store.DisposeAsync();

    private static Task<T> Down<T>() => Task.FromException<T>(new StoreUnavailableException("the database is down"));

    private sealed class Lifeline(FaultyStore owner) : ILifeline
    {
        public JoinAnswer Join(JoinRequest request) => owner.Up.OpenLifeline().Join(request);

        public HeartbeatAnswer Beat(Heartbeat heartbeat) => owner.Up.OpenLifeline().Beat(heartbeat);

        public LeaseAnswer Hold(string role, string node, long incarnation, TimeSpan ttl, long? earlyFromEpoch = null, long atLeastEpoch = 0) =>
            owner.Up.OpenLifeline().Hold(role, node, incarnation, ttl, earlyFromEpoch, atLeastEpoch);

        public void Resign(string role, string node, long incarnation, long epoch) => owner.Up.OpenLifeline().Resign(role, node, incarnation, epoch);

        public void Dispose()
        {
        }
    }
}
