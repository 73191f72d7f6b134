namespace ScrapeCluster.Actors;

/// <summary>
/// What the runtime's own parts tell each other; handled before any message of a user. Linked by itself, so an instance is
/// posted once and never shared.
/// </summary>
internal abstract class SystemMessage
{
    internal SystemMessage? Next;

    /// <summary>What happens when the receiver has stopped.</summary>
    internal virtual void AnswerForDead()
    {
    }

    internal sealed class Create : SystemMessage;

    internal sealed class Suspend : SystemMessage;

    internal sealed class Resume(Exception? causedByFailure) : SystemMessage
    {
        /// <summary>Set when the receiver itself failed; it then forgets its failure.</summary>
        public Exception? CausedByFailure { get; } = causedByFailure;
    }

    internal sealed class Recreate(Exception cause) : SystemMessage
    {
        public Exception Cause { get; } = cause;
    }

    internal sealed class Terminate : SystemMessage;

    internal sealed class Watch(InternalActorRef watchee, InternalActorRef watcher) : SystemMessage
    {
        public InternalActorRef Watcher { get; } = watcher;

        internal override void AnswerForDead() =>
            Watcher.SendSystemMessage(new DeathWatchNotification(watchee, existenceConfirmed: false));
    }

    internal sealed class Unwatch(InternalActorRef watcher) : SystemMessage
    {
        public InternalActorRef Watcher { get; } = watcher;
    }

    internal sealed class DeathWatchNotification(InternalActorRef actor, bool existenceConfirmed) : SystemMessage
    {
        public InternalActorRef Actor { get; } = actor;

        public bool ExistenceConfirmed { get; } = existenceConfirmed;
    }

    internal sealed class Failed(LocalActorRef child, Exception cause) : SystemMessage
    {
        public LocalActorRef Child { get; } = child;

        public Exception Cause { get; } = cause;
    }
}
