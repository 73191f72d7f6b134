namespace ScrapeCluster.Actors;

public static class ActorRefExtensions
{
    /// <summary>Tells with the actor that is running now as sender, or with none outside an actor.</summary>
    public static void Tell(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.Current?.Self);

    /// <summary>Passes the message on with the sender of the message in work.</summary>
    public static void Forward(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.Current?.Sender);

    public static bool IsNobody(this IActorRef? actor) => actor is null or Nobody;
}
