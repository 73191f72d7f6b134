namespace ScrapeCluster.Actors;

/// <summary>Something that takes messages.</summary>
public interface ICanTell
{
    /// <summary>Hands the message over and returns at once; never blocks. A stopped receiver makes it a dead letter.</summary>
    void Tell(object message, IActorRef? sender);
}

/// <summary>The address of one incarnation of an actor; equal only to a reference to the same incarnation.</summary>
public interface IActorRef : ICanTell, IComparable<IActorRef>, IEquatable<IActorRef>
{
    ActorPath Path { get; }
}

/// <summary>Where actors are made and found: the system (top level) or a context (children).</summary>
public interface IActorRefFactory
{
    IActorRef ActorOf(Props props, string? name = null);

    ActorSelection ActorSelection(string actorPath);

    ActorSelection ActorSelection(ActorPath actorPath);

    void Stop(IActorRef actor);
}

/// <summary>Something that is told of the end of actors.</summary>
public interface ICanWatch
{
    IActorRef Watch(IActorRef subject);

    /// <summary>As <see cref="Watch"/>, but <paramref name="message"/> arrives in the place of <see cref="Terminated"/>.</summary>
    IActorRef WatchWith(IActorRef subject, object message);

    IActorRef Unwatch(IActorRef subject);
}
