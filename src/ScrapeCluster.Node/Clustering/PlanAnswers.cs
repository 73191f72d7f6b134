using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Clustering;

/// <summary>What the leader would move, and has it moved; what it lets out of quarantine. Refuses by <see cref="InvalidOperationException"/> with the coordinator's reason.</summary>
/// <param name="ask">Asks the coordinator of this node.</param>
internal sealed class PlanAnswers(Func<object, CancellationToken, Task<object>> ask)
{
    public async Task<PlacementPlan> PlanAsync(CancellationToken cancellation)
    {
        return (await AskAsync<PlanDescribed>(new DescribePlan(), cancellation)).Plan;
    }

    public async Task<PlacementPlan> RebalanceAsync(CancellationToken cancellation)
    {
        var described = await AskAsync<PlanDescribed>(new DescribePlan(), cancellation);
        var begun = await AskAsync<RebalanceBegun>(new RebalanceNow(), cancellation);
        return described.Plan with { Moves = begun.Moves };
    }

    /// <summary>The slots that were in quarantine, as they are now; none when the bucket was not.</summary>
    public async Task<IReadOnlyList<Assignment>> ReleaseAsync(BucketKey bucket, CancellationToken cancellation)
    {
        return (await AskAsync<BucketReleased>(new ReleaseBucket(bucket), cancellation)).Rows;
    }

    private async Task<T> AskAsync<T>(object question, CancellationToken cancellation)
    {
        try
        {
            return await ask(question, cancellation) switch
            {
                T answer => answer,
                NoPlanYet none => throw new InvalidOperationException(none.Reason),
                var other => throw new InvalidOperationException($"its coordinator answered {other.GetType().Name}"),
            };
        }
        catch (AskTimeoutException)
        {
            throw new InvalidOperationException("it does not lead any more, or its coordinator has too much to do");
        }
    }
}
