using ScrapeCluster.Model;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Api;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>What discovery found, before relabelling. It runs on the leader, so the leader is asked.</summary>
internal sealed class TargetSetsQuestion() : JsonQuestion<IReadOnlyDictionary<string, IReadOnlyList<FoundGroup>>>("target-sets", ClusterApiJson.Default.IReadOnlyDictionaryStringIReadOnlyListFoundGroup)
{
    protected override ValueTask<IReadOnlyDictionary<string, IReadOnlyList<FoundGroup>>> AnswerAsync(NodeContext node, string asked, CancellationToken cancellation)
    {
        var sets = new Dictionary<string, IReadOnlyList<FoundGroup>>(StringComparer.Ordinal);
        foreach (var job in node.Board.Jobs)
        {
            sets[job.Job] = [.. job.Groups.Select(Of)];
        }

        return ValueTask.FromResult<IReadOnlyDictionary<string, IReadOnlyList<FoundGroup>>>(sets);
    }

    private static FoundGroup Of(TargetGroup group) => new(
        [.. group.Targets.Select(target => AddressMask.Shown(target).Get(TargetLabels.Address) ?? "")],
        AddressMask.Shown(group.Labels).ToPairs().ToDictionary(StringComparer.Ordinal),
        group.Source);
}
