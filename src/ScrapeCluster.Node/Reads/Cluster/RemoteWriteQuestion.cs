using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Node.Reads;

/// <summary>How the remote write queues of a node do.</summary>
internal sealed class RemoteWriteQuestion() : JsonQuestion<RemoteWriteStatus>("remote-write", ClusterApiJson.Default.RemoteWriteStatus)
{
    protected override ValueTask<RemoteWriteStatus> AnswerAsync(NodeContext node, string asked, CancellationToken cancellation)
    {
        var name = node.Cluster?.Node ?? "";
        return ValueTask.FromResult(new RemoteWriteStatus([.. (node.RemoteWrites?.Read() ?? []).Select(state => StatusOf(name, state))]));
    }

    private static RemoteWriteQueueStatus StatusOf(string node, QueueState state) => new(
        node,
        state.Name,
        state.Url,
        state.IsV2 ? "2.0" : "1.0",
        state.Position is { } position ? PlaceOf(position) : null,
        PlaceOf(state.End),
        state.OwedBytes,
        state.Lag.TotalSeconds,
        state.Pending,
        state.Shards,
        state.MinShards,
        state.MaxShards,
        state.DesiredShards,
        state.Sent,
        state.Failed,
        state.Retried,
        state.Dropped,
        state.NewestSent,
        state.LastFailure is { } failure ? new RemoteWriteFailureStatus(failure.At, failure.Reason) : null)
    {
        Replicas = state.Replicas is { } share ? new RemoteWriteReplicaStatus(share.StoodIn, share.HeldBack, share.Kept) : null,
    };

    private static LogPlaceStatus PlaceOf(WalPosition position) => new(position.Segment, position.Offset);
}
