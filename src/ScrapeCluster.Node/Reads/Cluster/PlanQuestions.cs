using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>Asked of the leader: what it would move.</summary>
internal sealed class PlanQuestion() : JsonQuestion<PlanStatus>("plan", ClusterApiJson.Default.PlanStatus)
{
    protected override ValueTask<PlanStatus> AnswerAsync(NodeContext node, string asked, CancellationToken cancellation)
    {
        return LeadersPlan.AskAsync(node, node.Cluster?.Plan, cancellation);
    }
}

/// <summary>Told to the leader: move it now.</summary>
internal sealed class RebalanceQuestion() : JsonQuestion<PlanStatus>("rebalance", ClusterApiJson.Default.PlanStatus)
{
    protected override ValueTask<PlanStatus> AnswerAsync(NodeContext node, string asked, CancellationToken cancellation)
    {
        return LeadersPlan.AskAsync(node, node.Cluster?.Rebalance, cancellation);
    }
}

/// <summary>The coordinator's plan, as the API tells it.</summary>
internal static class LeadersPlan
{
    public static async ValueTask<PlanStatus> AskAsync(NodeContext node, Func<CancellationToken, Task<PlacementPlan>>? ask, CancellationToken cancellation)
    {
        var plan = await AskAsync<PlacementPlan>(node, ask, cancellation);
        return Of(plan, node.Cluster!.Board.Leader);
    }

    /// <exception cref="OrderRefusedException">This node does not lead, or its coordinator cannot answer.</exception>
    public static async Task<T> AskAsync<T>(NodeContext node, Func<CancellationToken, Task<T>>? ask, CancellationToken cancellation)
    {
        if (node.Cluster?.Board.Current.LeaderEpoch is null || ask is null)
        {
            throw new OrderRefusedException("it does not lead");
        }

        try
        {
            return await ask(cancellation);
        }
        catch (InvalidOperationException e)
        {
            throw new OrderRefusedException(e.Message);
        }
        catch (AskTimeoutException)
        {
            throw new OrderRefusedException("its coordinator did not answer in time");
        }
    }

    private static PlanStatus Of(PlacementPlan plan, LeaderPicture? leader) => new(
        [.. plan.Moves.Select(Move)],
        [.. plan.Unplaced.Select(unplaced => new UnplacedStatus(unplaced.Slot.Bucket.Job, unplaced.Slot.Bucket.Bucket, unplaced.Slot.Slot, unplaced.Reason))],
        [.. plan.Loads.OrderBy(load => load.Key, StringComparer.Ordinal).Select(load => new NodeLoad(load.Key, load.Value))],
        plan.Average,
        plan.MaxOverAverage,
        [.. leader?.InFlight.Select(Move) ?? []],
        leader?.Waiting ?? 0,
        [.. leader?.Quarantined.OrderBy(bucket => bucket.Key).Select(bucket => new UnplacedStatus(bucket.Key.Job, bucket.Key.Bucket, 0, bucket.Value)) ?? []],
        [.. plan.HeldBack.OrderBy(node => node.Key, StringComparer.Ordinal).Select(node => new HeldBackStatus(node.Key, node.Value))]);

    private static MoveStatus Move(SlotMove move)
    {
        return new MoveStatus(move.Slot.Bucket.Job, move.Slot.Bucket.Bucket, move.Slot.Slot, move.From, move.To, move.Reason.ToString().ToLowerInvariant(), move.Load);
    }
}
