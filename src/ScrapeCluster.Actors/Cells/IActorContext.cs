namespace ScrapeCluster.Actors;

/// <summary>What an actor sees of its place in the system; valid only while the actor handles a message.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    IActorRef Self { get; }

    /// <summary>Who sent the message in work; the dead letters where nobody did.</summary>
    IActorRef Sender { get; }

    IActorRef Parent { get; }

    Props Props { get; }

    ActorSystem System { get; }

    TimeSpan? ReceiveTimeout { get; }

    IActorRef Child(string name);

    IReadOnlyCollection<IActorRef> GetChildren();

    void SetReceiveTimeout(TimeSpan? timeout);

    void Become(Receive receive);

    void BecomeStacked(Receive receive);

    void UnbecomeStacked();
}

/// <summary>A behaviour; answers whether it handled the message.</summary>
public delegate bool Receive(object message);
