namespace ScrapeCluster.Actors;

/// <summary>Children. The map is under its own lock, since selections, inspections and the top level come from any thread.</summary>
internal sealed partial class ActorCell
{
    private readonly Lock _childrenLock = new();
    private Dictionary<string, LocalActorRef>? _children;
    private long _generatedNames;
    private bool _refusesChildren;

    /// <summary>Children told to stop by this parent that have not ended; a restart or stop waits for them.</summary>
    private int _dyingChildren;

    /// <summary>Guarded by the parent's children lock.</summary>
    private bool _countedAsDying;

    /// <summary>For any thread.</summary>
    public IActorRef ActorOf(Props props, string? name = null)
    {
        if (name is not null)
        {
            ActorName.Validate(name, SelfRef.Path);
        }

        ActorCell child;
        lock (_childrenLock)
        {
            if (_refusesChildren)
            {
                throw new IllegalActorStateException($"{SelfRef} is stopping and takes no child '{name}'.");
            }

            name ??= ActorName.Generated(_generatedNames++);
            _children ??= [];
            if (_children.ContainsKey(name))
            {
                throw new InvalidActorNameException(
                    $"Actor name '{name}' is not unique below {SelfRef.Path}; a name is free again once its actor has Terminated.");
            }

            child = new ActorCell(System, SelfRef, props, SelfRef.Path.Child(name).WithUid(System.NextUid()));
            _children.Add(name, child.SelfRef);
        }

        child.Start();
        return child.SelfRef;
    }

    /// <summary>For any thread.</summary>
    public IActorRef Child(string name)
    {
        lock (_childrenLock)
        {
            return _children is not null && _children.TryGetValue(name, out var child) ? child : ActorRefs.Nobody;
        }
    }

    IReadOnlyCollection<IActorRef> IActorContext.GetChildren() => Children();

    /// <summary>For any thread.</summary>
    public LocalActorRef[] Children()
    {
        lock (_childrenLock)
        {
            return _children is { Count: > 0 } ? [.. _children.Values] : [];
        }
    }

    /// <summary>For any thread.</summary>
    public void Stop(IActorRef actor)
    {
        if (actor is not LocalActorRef local)
        {
            (actor as InternalActorRef)?.Stop();
            return;
        }

        lock (_childrenLock)
        {
            MarkDying(local);
        }

        local.Stop();
    }

    private void StopChildren(bool forGood)
    {
        LocalActorRef[] children;
        lock (_childrenLock)
        {
            _refusesChildren |= forGood;
            children = _children is { Count: > 0 } ? [.. _children.Values] : [];
            foreach (var child in children)
            {
                MarkDying(child);
            }
        }

        foreach (var child in children)
        {
            child.Stop();
        }
    }

    private bool AwaitsChildren()
    {
        lock (_childrenLock)
        {
            return _dyingChildren > 0;
        }
    }

    /// <summary>Called by the child as its last act, so that its name is free before anyone hears of its end.</summary>
    private void RemoveChild(LocalActorRef child)
    {
        lock (_childrenLock)
        {
            _children!.Remove(child.Path.Name);
            if (child.Cell._countedAsDying)
            {
                _dyingChildren--;
            }
        }
    }

    private void MarkDying(LocalActorRef child)
    {
        if (!child.Cell._countedAsDying && _children is not null
            && _children.TryGetValue(child.Path.Name, out var mine) && ReferenceEquals(mine, child))
        {
            child.Cell._countedAsDying = true;
            _dyingChildren++;
        }
    }
}
