namespace ScrapeCluster.Actors;

/// <summary>Brings the outcome of a task to an actor as a message.</summary>
public static class PipeToSupport
{
    /// <summary>The result, or what <paramref name="success"/> makes of it, goes to <paramref name="recipient"/>; a failure as <see cref="Status.Failure"/>.</summary>
    public static async Task PipeTo<T>(
        this Task<T> taskToPipe,
        ICanTell recipient,
        IActorRef? sender = null,
        Func<T, object>? success = null,
        Func<Exception, object>? failure = null)
    {
        object message;
        try
        {
            var result = await taskToPipe.ConfigureAwait(false);
            message = success is not null ? success(result) : result!;
        }
        catch (Exception e)
        {
            message = failure is not null ? failure(e) : new Status.Failure(e);
        }

        recipient.Tell(message, sender);
    }

    /// <summary>As above for a task without a result; then only what <paramref name="success"/> makes is sent, if anything.</summary>
    public static async Task PipeTo(
        this Task taskToPipe,
        ICanTell recipient,
        IActorRef? sender = null,
        Func<object>? success = null,
        Func<Exception, object>? failure = null)
    {
        object? message;
        try
        {
            await taskToPipe.ConfigureAwait(false);
            message = success?.Invoke();
        }
        catch (Exception e)
        {
            message = failure is not null ? failure(e) : new Status.Failure(e);
        }

        if (message is not null)
        {
            recipient.Tell(message, sender);
        }
    }
}
