using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Tests.Cluster.Coordination;

/// <summary>A real store behind a line that can be cut.</summary>
internal sealed class FaultyStore(ICoordinationStore store) : StoreBehind(store)
{
    /// <summary>So many commits are made, and their answers are lost.</summary>
    public int LoseAnswers { get; set; }

    public bool IsDown { get; set; }

    public override Task<ClusterView> ReadAsync(ReadAfter after, CancellationToken cancellation) =>
        IsDown ? Fail<ClusterView>() : base.ReadAsync(after, cancellation);

    public override Task<IReadOnlyList<StoredTargetSet>> ReadTargetSetsAsync(IReadOnlyCollection<BucketRef>? buckets, CancellationToken cancellation) =>
        IsDown ? Fail<IReadOnlyList<StoredTargetSet>>() : base.ReadTargetSetsAsync(buckets, cancellation);

    public override async Task<CommitResult> CommitAsync(LeaderCommit commit, CancellationToken cancellation)
    {
        if (IsDown)
        {
            return await Fail<CommitResult>();
        }

        var result = await base.CommitAsync(commit, cancellation);
        return LoseAnswers-- > 0 ? await Fail<CommitResult>() : result;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Task<T> Fail<T>() => Task.FromException<T>(new StoreUnavailableException("the line is cut"));
}
