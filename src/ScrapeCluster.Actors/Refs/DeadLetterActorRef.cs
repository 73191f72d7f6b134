namespace ScrapeCluster.Actors;

/// <summary>Where messages end that nobody can take; publishes each as a <see cref="DeadLetter"/>.</summary>
internal sealed class DeadLetterActorRef(ActorPath path, EventStream eventStream) : InternalActorRef
{
    public override ActorPath Path { get; } = path;

    public override void Tell(object message, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        switch (message)
        {
            case Identify identify:
                sender?.Tell(new ActorIdentity(identify.MessageId, null), this);
                break;
            case DeadLetter { Message: Identify identify } letter:
                // Asked of an actor that has ended.
                letter.Sender.Tell(new ActorIdentity(identify.MessageId, null), this);
                break;
            case DeadLetter letter:
                eventStream.Publish(letter);
                break;
            default:
                eventStream.Publish(new DeadLetter(message, sender ?? this, this));
                break;
        }
    }

    internal override void SendSystemMessage(SystemMessage message) => message.AnswerForDead();
}
