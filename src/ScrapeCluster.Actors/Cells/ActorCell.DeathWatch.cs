namespace ScrapeCluster.Actors;

/// <summary>Who is watched, and who watches.</summary>
internal sealed partial class ActorCell
{
    /// <summary>Watched actors with the message to send in the place of <see cref="Terminated"/>, if any.</summary>
    private Dictionary<IActorRef, object?>? _watched;
    private HashSet<InternalActorRef>? _watchers;

    /// <summary>Ends whose <see cref="Terminated"/> waits in the mailbox; <see cref="Unwatch"/> takes it back.</summary>
    private HashSet<IActorRef>? _terminatedQueued;

    public IActorRef Watch(IActorRef subject) => WatchFor(subject, null);

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return WatchFor(subject, message);
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        if (_watched is not null && _watched.Remove(subject))
        {
            ((InternalActorRef)subject).SendSystemMessage(new SystemMessage.Unwatch(SelfRef));
        }

        _terminatedQueued?.Remove(subject);
        return subject;
    }

    private IActorRef WatchFor(IActorRef subject, object? message)
    {
        if (subject is not InternalActorRef watched || ReferenceEquals(subject, SelfRef))
        {
            return subject;
        }

        _watched ??= [];
        if (_watched.TryGetValue(subject, out var present))
        {
            if (!Equals(present, message))
            {
                throw new InvalidOperationException(
                    $"{SelfRef} watches {subject} already with {present ?? "Terminated"}; Unwatch it before watching with {message ?? "Terminated"}.");
            }

            return subject;
        }

        _watched.Add(subject, message);
        watched.SendSystemMessage(new SystemMessage.Watch(watched, SelfRef));
        return subject;
    }

    private void AddWatcher(InternalActorRef watcher) => (_watchers ??= []).Add(watcher);

    private void RemoveWatcher(InternalActorRef watcher) => _watchers?.Remove(watcher);

    private void HandleDeath(SystemMessage.DeathWatchNotification died)
    {
        if (_watched is not null && _watched.Remove(died.Actor, out var message))
        {
            // By the mailbox, so that it comes after what the dead actor had sent before.
            if (message is not null)
            {
                SelfRef.Tell(message, died.Actor);
            }
            else
            {
                (_terminatedQueued ??= []).Add(died.Actor);
                SelfRef.Tell(new Terminated(died.Actor, died.ExistenceConfirmed, addressTerminated: false), died.Actor);
            }
        }

        if (died.Actor is LocalActorRef ended)
        {
            _childFailures?.Forget(ended);
        }

        ContinueWithoutChildren();
    }

    private void ReceiveTerminated(Terminated terminated)
    {
        if (_terminatedQueued is not null && _terminatedQueued.Remove(terminated.ActorRef))
        {
            Deliver(terminated);
        }
    }

    private void TellWatchers()
    {
        foreach (var watcher in (IEnumerable<InternalActorRef>?)_watchers ?? [])
        {
            if (!ReferenceEquals(watcher, ParentRef))
            {
                watcher.SendSystemMessage(new SystemMessage.DeathWatchNotification(SelfRef, existenceConfirmed: true));
            }
        }

        foreach (var watched in (IEnumerable<IActorRef>?)_watched?.Keys ?? [])
        {
            ((InternalActorRef)watched).SendSystemMessage(new SystemMessage.Unwatch(SelfRef));
        }

        _watchers = null;
        _watched = null;
        _terminatedQueued = null;
    }
}
