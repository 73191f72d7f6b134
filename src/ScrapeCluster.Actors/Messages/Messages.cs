namespace ScrapeCluster.Actors;

/// <summary>Handled by the runtime before the actor's own behaviour.</summary>
public interface IAutoReceivedMessage;

/// <summary>Dropped without a log line when its receiver has stopped.</summary>
public interface IDeadLetterSuppression;

/// <summary>Does not start the receive timeout anew.</summary>
public interface INotInfluenceReceiveTimeout;

/// <summary>A watched actor has stopped, all its children before it.</summary>
public sealed class Terminated(IActorRef actorRef, bool existenceConfirmed, bool addressTerminated)
    : IAutoReceivedMessage, IDeadLetterSuppression
{
    public IActorRef ActorRef { get; } = actorRef;

    public bool ExistenceConfirmed { get; } = existenceConfirmed;

    public bool AddressTerminated { get; } = addressTerminated;

    public override string ToString() => $"Terminated({ActorRef}, existenceConfirmed: {ExistenceConfirmed})";
}

/// <summary>Stops its receiver when its turn in the mailbox comes.</summary>
public sealed class PoisonPill : IAutoReceivedMessage, IDeadLetterSuppression
{
    private PoisonPill()
    {
    }

    public static PoisonPill Instance { get; } = new();

    public override string ToString() => "PoisonPill";
}

/// <summary>Makes its receiver throw <see cref="ActorKilledException"/> when its turn in the mailbox comes.</summary>
public sealed class Kill : IAutoReceivedMessage
{
    private Kill()
    {
    }

    public static Kill Instance { get; } = new();

    public override string ToString() => "Kill";
}

/// <summary>Every actor answers with <see cref="ActorIdentity"/>.</summary>
public sealed record Identify(object MessageId) : IAutoReceivedMessage;

/// <summary>Answer to <see cref="Identify"/>; no subject means that there is no such actor.</summary>
public sealed record ActorIdentity(object MessageId, IActorRef? Subject);

/// <summary>Nothing arrived for as long as <see cref="IActorContext.SetReceiveTimeout"/> says.</summary>
public sealed class ReceiveTimeout
{
    private ReceiveTimeout()
    {
    }

    public static ReceiveTimeout Instance { get; } = new();

    public override string ToString() => "ReceiveTimeout";
}

/// <summary>Outcome of something asked for.</summary>
public abstract class Status
{
    private Status()
    {
    }

    public sealed class Success(object? status) : Status
    {
        public object? Status { get; } = status;

        public override string ToString() => $"Success: {Status}";
    }

    public sealed class Failure(Exception cause, object? state = null) : Status
    {
        public Exception Cause { get; } = cause;

        public object? State { get; } = state;

        public override string ToString() => $"Failure: {Cause}";
    }
}

/// <summary>A message that reached nobody, on the <see cref="EventStream"/>.</summary>
public sealed record DeadLetter(object Message, IActorRef Sender, IActorRef Recipient);

/// <summary>A message that its receiver had no handler for, on the <see cref="EventStream"/>.</summary>
public sealed record UnhandledMessage(object Message, IActorRef Sender, IActorRef Recipient);
