namespace ScrapeCluster.Actors;

public static class Futures
{
    public static Task<object> Ask(
        this ICanTell self, object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        self.Ask<object>(message, timeout, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<T>(message, null, cancellationToken);

    /// <summary>
    /// Tells, and answers with the first reply. A <see cref="Status.Failure"/> fails the task with its cause, no reply in time
    /// with <see cref="AskTimeoutException"/>. A reply that comes too late is a dead letter.
    /// </summary>
    public static Task<T> Ask<T>(
        this ICanTell self, object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(self);
        ArgumentNullException.ThrowIfNull(message);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var system = SystemOf(self);
        if (system is null)
        {
            return Task.FromException<T>(new ArgumentException($"{self} belongs to no actor system and cannot answer.", nameof(self)));
        }

        var reply = new FutureActorRef<T>(system, timeout, cancellationToken);
        self.Tell(message, reply);
        return reply.Task;
    }

    private static ActorSystem? SystemOf(ICanTell receiver) => receiver switch
    {
        LocalActorRef local => local.Cell.System,
        ActorSelection selection => selection.System,
        ISystemMember member => member.System,
        _ => ActorCell.Current?.System,
    };
}

/// <summary>A reference that is no actor but knows its system.</summary>
internal interface ISystemMember
{
    ActorSystem System { get; }
}

/// <summary>Takes the one reply of an <c>Ask</c>.</summary>
internal sealed class FutureActorRef<T> : InternalActorRef, ISystemMember
{
    private readonly TaskCompletionSource<T> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeoutEntry? _timeout;
    private readonly CancellationTokenRegistration _cancellation;
    private ActorPath? _path;

    public FutureActorRef(ActorSystem system, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        System = system;
        if (timeout is { } given && given != global::System.Threading.Timeout.InfiniteTimeSpan)
        {
            _timeout = new TimeoutEntry(this, given);
            system.Queue.Add(_timeout, given);
        }

        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (reference, token) => ((FutureActorRef<T>)reference!).Finish(((FutureActorRef<T>)reference)._reply.TrySetCanceled(token)),
                this);
        }
    }

    public Task<T> Task => _reply.Task;

    public ActorSystem System { get; }

    public override ActorPath Path =>
        _path ?? Interlocked.CompareExchange(ref _path, System.NextTemporaryPath(), null) ?? _path!;

    public override void Tell(object message, IActorRef? sender)
    {
        var taken = message switch
        {
            T reply => _reply.TrySetResult(reply),
            Status.Failure failure => _reply.TrySetException(failure.Cause),
            _ => _reply.TrySetException(new ArgumentException(
                $"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}]")),
        };
        if (!Finish(taken))
        {
            System.DeadLetterRef.Tell(new DeadLetter(message, sender ?? System.DeadLetters, this), sender);
        }
    }

    internal override void SendSystemMessage(SystemMessage message)
    {
        // As a watcher (GracefulStop) the end of the watched actor is the reply.
        if (message is SystemMessage.DeathWatchNotification died)
        {
            Tell(new Terminated(died.Actor, died.ExistenceConfirmed, addressTerminated: false), died.Actor);
        }
        else
        {
            message.AnswerForDead();
        }
    }

    private bool Finish(bool taken)
    {
        if (taken)
        {
            _timeout?.Cancel();
            _cancellation.Unregister();
        }

        return taken;
    }

    private sealed class TimeoutEntry(FutureActorRef<T> owner, TimeSpan timeout) : TimerEntry(owner.System.Queue)
    {
        internal override TimeSpan? Fire(TimeSpan now)
        {
            owner.Finish(owner._reply.TrySetException(new AskTimeoutException($"Timeout after {timeout.TotalSeconds} seconds")));
            return null;
        }
    }
}
