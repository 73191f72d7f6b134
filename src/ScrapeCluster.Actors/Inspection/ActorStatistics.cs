namespace ScrapeCluster.Actors;

/// <summary>How one actor is doing, and all below it. Not part of Akka.NET's vocabulary.</summary>
public sealed record ActorStatistics(
    ActorPath Path,
    string Type,
    long MailboxLength,
    long Processed,
    long Restarts,
    TimeSpan HandlerTime,
    ActorFailure? LastFailure,
    IReadOnlyList<ActorStatistics> Children);

public sealed record ActorFailure(DateTimeOffset At, Exception Cause);

public static class ActorInspection
{
    /// <summary>Statistics of the actor at an absolute path such as <c>/user/manager</c> and of its children; null where there is none.</summary>
    public static ActorStatistics? Inspect(this ActorSystem system, string path = "/user")
    {
        var actor = system.Root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (actor.Cell.Child(name) is not LocalActorRef child)
            {
                return null;
            }

            actor = child;
        }

        return Of(actor.Cell);
    }

    private static ActorStatistics Of(ActorCell cell)
    {
        var children = cell.Children();
        Array.Sort(children, static (a, b) => string.CompareOrdinal(a.Path.Name, b.Path.Name));
        var statistics = cell.Statistics;
        return new ActorStatistics(
            cell.SelfRef.Path,
            cell.Props.Type.Name,
            cell.Mailbox.ApproximateCount,
            cell.Mailbox.Processed,
            statistics.Restarts,
            cell.Mailbox.HandlerTime,
            statistics.LastFailure,
            [.. children.Select(c => Of(c.Cell))]);
    }
}

/// <summary>What a cell counts for its statistics; written in the actor's turn, read from any thread.</summary>
internal sealed class ActorStatisticsSource
{
    private long _restarts;
    private volatile ActorFailure? _lastFailure;

    public long Restarts => Volatile.Read(ref _restarts);

    public ActorFailure? LastFailure => _lastFailure;

    public void CountRestart() => Volatile.Write(ref _restarts, _restarts + 1);

    public void CountFailure(Exception cause, TimeProvider time) => _lastFailure = new ActorFailure(time.GetUtcNow(), cause);
}
