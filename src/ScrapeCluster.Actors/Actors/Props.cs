namespace ScrapeCluster.Actors;

/// <summary>How to make an actor. Immutable; the same Props may make many.</summary>
public sealed record Props
{
    private readonly Func<ActorBase> _factory;

    private Props(Type type, Func<ActorBase> factory)
    {
        Type = type;
        _factory = factory;
    }

    public Type Type { get; }

    /// <summary>Stands above what the actor's own <c>SupervisorStrategy()</c> says, when given.</summary>
    public SupervisorStrategy? SupervisorStrategy { get; private init; }

    /// <summary>Name of a mailbox in <see cref="ActorSystemSettings.BoundedMailboxes"/>; empty is the unbounded one.</summary>
    public string Mailbox { get; private init; } = "";

    /// <summary>
    /// <paramref name="factory"/> runs again at every restart, in the child's turn: what it captures must not change, and
    /// must not be the parent's state.
    /// </summary>
    public static Props Create<TActor>(Func<TActor> factory, SupervisorStrategy? supervisorStrategy = null)
        where TActor : ActorBase
    {
        ArgumentNullException.ThrowIfNull(factory);
        return new Props(typeof(TActor), factory) { SupervisorStrategy = supervisorStrategy };
    }

    public static Props Create<TActor>(params object[] args)
        where TActor : ActorBase =>
        Create(typeof(TActor), args);

    public static Props Create(Type type, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new Props(type, () => (ActorBase)Activator.CreateInstance(type, args)!);
    }

    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) => this with { SupervisorStrategy = supervisorStrategy };

    public Props WithMailbox(string mailbox) => this with { Mailbox = mailbox };

    internal ActorBase NewActor() => _factory();
}
