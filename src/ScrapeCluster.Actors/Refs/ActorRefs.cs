namespace ScrapeCluster.Actors;

public static class ActorRefs
{
    /// <summary>Swallows what it is told. The answer where no actor was found.</summary>
    public static readonly IActorRef Nobody = new Nobody();

    /// <summary>No sender: answers to it become dead letters.</summary>
    public static readonly IActorRef? NoSender;
}

internal sealed class Nobody : InternalActorRef
{
    public override ActorPath Path { get; } = ActorPath.OfRoot("all-systems").Child("Nobody");

    public override void Tell(object message, IActorRef? sender)
    {
    }

    internal override void SendSystemMessage(SystemMessage message) => message.AnswerForDead();
}
