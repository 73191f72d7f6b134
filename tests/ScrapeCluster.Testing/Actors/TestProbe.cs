namespace ScrapeCluster.Testing;

/// <summary>A stand-in for an actor that another one talks to.</summary>
public sealed class TestProbe : TestKitBase, ICanTell
{
    internal TestProbe(ActorSystem system, string? name)
        : base(system, name)
    {
    }

    public IActorRef Ref => TestActor;

    public void Tell(object message, IActorRef? sender) => TestActor.Tell(message, sender);

    /// <summary>Tells with the probe as sender.</summary>
    public void Send(IActorRef actor, object message) => actor.Tell(message, TestActor);

    /// <summary>Answers the message that was expected last.</summary>
    public void Reply(object message) => LastSender.Tell(message, TestActor);
}
