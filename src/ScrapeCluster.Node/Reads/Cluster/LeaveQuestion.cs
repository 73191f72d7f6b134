using System.Globalization;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// Told to a node: hand over what you have, and say what nobody will answer for when you have stopped. Unless it is to keep serving it stops then, a moment
/// after its answer.
/// </summary>
internal sealed class LeaveQuestion() : JsonQuestion<LeaveStatus>("leave", ClusterApiJson.Default.LeaveStatus)
{
    public const string KeepServing = "keep-serving";

    private static readonly TimeSpan AnswerFirst = TimeSpan.FromSeconds(1);

    protected override async ValueTask<LeaveStatus> AnswerAsync(NodeContext node, string asked, CancellationToken cancellation)
    {
        if (node.Cluster is not { Leave: { } leave } cluster)
        {
            throw new OrderRefusedException("it cannot leave: it is not part of a cluster");
        }

        var keeps = asked == KeepServing;
        var left = await leave(new LeaveCluster(keeps), cancellation);
        var history = StatusQuestion.HistoryOf(node);
        if (!keeps)
        {
            _ = StopSoonAsync(node);
        }

        return new LeaveStatus(cluster.Node, keeps, left.Owned, history, TextOf(cluster.Node, keeps, left.Owned, history));
    }

    private static async Task StopSoonAsync(NodeContext node)
    {
        await Task.Delay(AnswerFirst, node.Time);
        node.Stop();
    }

    private static string TextOf(string node, bool keeps, int owned, LocalHistory history)
    {
        var handed = owned == 0 ? $"{node} has handed over all it had" : string.Create(CultureInfo.InvariantCulture, $"{node} has left with {owned} slots that nobody took in time; they are taken over as after a crash");
        var series = history is { Oldest: { } oldest, Newest: { } newest }
            ? string.Create(CultureInfo.InvariantCulture, $"its {history.Series} series from {oldest:yyyy-MM-dd'T'HH:mm:ss'Z'} to {newest:yyyy-MM-dd'T'HH:mm:ss'Z'}")
            : null;
        return series is null ? $"{handed}. It has no samples of its own."
            : keeps ? $"{handed}. It stays readable: {series} are answered until it is stopped."
            : $"{handed}. Once it has stopped, {series} are not answered any more.";
    }
}
