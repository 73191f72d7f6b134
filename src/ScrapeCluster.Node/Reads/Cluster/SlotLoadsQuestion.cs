using ScrapeCluster.Model;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Node.Reads;

/// <summary>What a node scrapes of each slot: how many targets, how many of them down, samples per second.</summary>
internal sealed class SlotLoadsQuestion() : JsonQuestion<IReadOnlyList<SlotLoad>>("slot-loads", ClusterApiJson.Default.IReadOnlyListSlotLoad)
{
    protected override ValueTask<IReadOnlyList<SlotLoad>> AnswerAsync(NodeContext node, string asked, CancellationToken cancellation)
    {
        var owners = node.Owners();
        var loads = node.Board.ActiveTargets()
            .Where(target => owners.CountOf(target.Pool) > 0)
            .GroupBy(target => (target.Pool, Bucket: BucketKey.Of(target.Hash, owners.CountOf(target.Pool)), target.Slot))
            .Select(slot => new SlotLoad(
                slot.Key.Pool,
                slot.Key.Bucket,
                slot.Key.Slot,
                slot.Count(),
                slot.Count(target => target.Health == TargetHealth.Down),
                slot.Sum(target => target.Interval > TimeSpan.Zero ? target.LastSamples / target.Interval.TotalSeconds : 0)));
        return ValueTask.FromResult<IReadOnlyList<SlotLoad>>([.. loads]);
    }
}
