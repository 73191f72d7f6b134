namespace ScrapeCluster.Actors;

/// <summary>
/// Publishes to everyone subscribed to the event's type or one of its base types. Subscribers that have stopped are dropped.
/// </summary>
public sealed class EventStream
{
    private readonly Lock _lock = new();
    private volatile Subscription[] _subscriptions = [];

    public bool Subscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(channel);
        var added = new Subscription(subscriber, channel);
        lock (_lock)
        {
            if (_subscriptions.Contains(added))
            {
                return false;
            }

            _subscriptions = [.. _subscriptions.Where(s => !s.HasEnded), added];
            return true;
        }
    }

    public bool Subscribe<TChannel>(IActorRef subscriber) => Subscribe(subscriber, typeof(TChannel));

    public bool Unsubscribe(IActorRef subscriber, Type channel) => Remove(s => s.Subscriber.Equals(subscriber) && s.Channel == channel);

    public bool Unsubscribe(IActorRef subscriber) => Remove(s => s.Subscriber.Equals(subscriber));

    public void Publish(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        var type = @event.GetType();
        foreach (var subscription in _subscriptions)
        {
            if (subscription.Channel.IsAssignableFrom(type) && !subscription.HasEnded)
            {
                subscription.Subscriber.Tell(@event, ActorRefs.NoSender);
            }
        }
    }

    private bool Remove(Predicate<Subscription> match)
    {
        lock (_lock)
        {
            var before = _subscriptions.Length;
            _subscriptions = Array.FindAll(_subscriptions, s => !match(s));
            return _subscriptions.Length != before;
        }
    }

    private sealed record Subscription(IActorRef Subscriber, Type Channel)
    {
        /// <summary>A dead letter told to a stopped subscriber would be a dead letter again, without end.</summary>
        public bool HasEnded => Subscriber is LocalActorRef { Cell.IsTerminated: true };
    }
}
