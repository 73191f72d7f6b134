using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>What a node says of itself.</summary>
internal sealed class StatusQuestion() : JsonQuestion<NodeStatus>("status", ClusterApiJson.Default.NodeStatus)
{
    public static LocalHistory HistoryOf(NodeContext node)
    {
        var head = node.Storage.Query.Stats;
        return head.MaxTimeMs == long.MinValue || head.SeriesCount == 0
            ? new LocalHistory(0, null, null)
            : new LocalHistory(head.SeriesCount, DateTimeOffset.FromUnixTimeMilliseconds(head.MinTimeMs), DateTimeOffset.FromUnixTimeMilliseconds(head.MaxTimeMs));
    }

    protected override ValueTask<NodeStatus> AnswerAsync(NodeContext node, string asked, CancellationToken cancellation)
    {
        var cluster = node.Cluster;
        var picture = cluster?.Board.Current ?? ClusterPicture.Empty;
        var name = cluster?.Node ?? "";
        return ValueTask.FromResult(new NodeStatus(
            cluster?.Terms.Cluster ?? "",
            name,
            StateText.Of(picture.State),
            node.Readiness.IsReady,
            picture.Incarnation,
            picture.Lease.Holder,
            picture.Lease.Epoch,
            picture.LeaderEpoch is not null,
            picture.Refusal,
            picture.StoreFault,
            picture.ReadAt,
            picture.AssignmentVersion,
            picture.Assignments.Values.Count(row => row.Owner == name),
            node.Board.ActiveTargets().Count,
            new ConfigStatus(picture.ConfigVersion, cluster?.ConfigDrift(), node.Config.Current.LastReloadError),
            cluster?.ClockOffset().TotalSeconds ?? 0,
            HistoryOf(node),
            BuildInfo.Version,
            node.StartTime));
    }
}
