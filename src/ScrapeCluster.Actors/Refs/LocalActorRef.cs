namespace ScrapeCluster.Actors;

/// <summary>The reference to one actor of this process.</summary>
internal sealed class LocalActorRef(ActorPath path, ActorCell cell) : InternalActorRef
{
    public override ActorPath Path { get; } = path;

    internal ActorCell Cell { get; } = cell;

    public override void Tell(object message, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        Cell.Mailbox.Post(message, sender);
    }

    internal override void SendSystemMessage(SystemMessage message) => Cell.Mailbox.PostSystem(message);

    internal override void Stop() => SendSystemMessage(new SystemMessage.Terminate());
}
