namespace ScrapeCluster.Actors;

internal struct Envelope(object message, IActorRef? sender)
{
    /// <summary>Written last and read first: not null means that the sender is there too.</summary>
    public object Message = message;
    public IActorRef? Sender = sender;
}
