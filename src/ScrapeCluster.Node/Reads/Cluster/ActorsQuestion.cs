using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>How the actors of a node do, from a path downward, parents before children; nothing where there is no such actor.</summary>
internal sealed class ActorsQuestion() : JsonQuestion<ActorsStatus>("actors", ClusterApiJson.Default.ActorsStatus)
{
    protected override ValueTask<ActorsStatus> AnswerAsync(NodeContext node, string asked, CancellationToken cancellation)
    {
        var found = new List<ActorStatus>();
        if (node.InspectActors(asked) is { } actor)
        {
            Add(found, actor);
        }

        return ValueTask.FromResult(new ActorsStatus(found));
    }

    private static void Add(List<ActorStatus> found, ActorStatistics actor)
    {
        found.Add(new ActorStatus(
            actor.Path.ToStringWithoutAddress(),
            actor.Type,
            actor.MailboxLength,
            actor.Processed,
            actor.Restarts,
            actor.HandlerTime.TotalSeconds,
            actor.LastFailure is { } failure ? new ActorFailureStatus(failure.At, $"{failure.Cause.GetType().Name}: {failure.Cause.Message}") : null));
        foreach (var child in actor.Children)
        {
            Add(found, child);
        }
    }
}
