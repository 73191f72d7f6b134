namespace ScrapeCluster.Actors;

public abstract class AkkaException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The actor's constructor or <c>PreStart</c> failed. The default strategy stops the actor.</summary>
public class ActorInitializationException(IActorRef? actor, string message, Exception? cause = null) : AkkaException(message, cause)
{
    public IActorRef? Actor { get; } = actor;
}

/// <summary>The new instance's constructor or <c>PostRestart</c> failed.</summary>
public sealed class PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
    : ActorInitializationException(actor, $"Exception post restart ({originalCause.GetType()}): {cause.Message}", cause)
{
    /// <summary>What made the restart necessary.</summary>
    public Exception OriginalCause { get; } = originalCause;
}

/// <summary>The actor was told <see cref="Kill"/>. The default strategy stops it.</summary>
public sealed class ActorKilledException(string message) : AkkaException(message);

/// <summary>A watched actor stopped and the watcher had no handler for <see cref="Terminated"/>.</summary>
public sealed class DeathPactException(IActorRef deadActor) : AkkaException($"Monitored actor {deadActor} terminated.")
{
    public IActorRef DeadActor { get; } = deadActor;
}

/// <summary>The name is malformed, or taken by a sibling that has not stopped yet.</summary>
public sealed class InvalidActorNameException(string message) : AkkaException(message);

/// <summary>No answer came within the time given to <c>Ask</c>.</summary>
public sealed class AskTimeoutException(string message) : AkkaException(message);

/// <summary>A selection named no actor.</summary>
public sealed class ActorNotFoundException(string message) : AkkaException(message);

/// <summary>The runtime was asked for something that the actor's state does not allow.</summary>
public sealed class IllegalActorStateException(string message) : AkkaException(message);
