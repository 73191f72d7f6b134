namespace ScrapeCluster.Actors;

public static class GracefulStopSupport
{
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) =>
        target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>
    /// Sends <paramref name="stopMessage"/> and answers true once the actor and its children have stopped; cancelled when that
    /// takes longer than <paramref name="timeout"/>.
    /// </summary>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        if (target is not LocalActorRef local)
        {
            return true;
        }

        var end = new FutureActorRef<Terminated>(local.Cell.System, timeout, CancellationToken.None);
        local.SendSystemMessage(new SystemMessage.Watch(local, end));
        local.Tell(stopMessage, ActorRefs.NoSender);
        try
        {
            await end.Task.ConfigureAwait(false);
            return true;
        }
        catch (AskTimeoutException)
        {
            local.SendSystemMessage(new SystemMessage.Unwatch(end));
            throw new TaskCanceledException($"{target} did not stop within {timeout}.");
        }
    }
}
