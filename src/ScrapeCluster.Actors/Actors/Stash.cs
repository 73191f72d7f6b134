namespace ScrapeCluster.Actors;

/// <summary>An actor that puts messages aside; the runtime sets <see cref="Stash"/> before the first message.</summary>
public interface IWithStash
{
    IStash Stash { get; set; }
}

public interface IWithUnboundedStash : IWithStash;

/// <summary>Messages put aside for later; they come back in front of what waits in the mailbox, in their old order.</summary>
public interface IStash
{
    int Count { get; }

    /// <summary>How many fit; -1 is no limit.</summary>
    int Capacity { get; }

    bool IsEmpty { get; }

    bool IsFull { get; }

    /// <summary>Puts the message in work aside.</summary>
    void Stash();

    /// <summary>Brings the oldest back.</summary>
    void Unstash();

    void UnstashAll();

    void UnstashAll(Func<StashedMessage, bool> predicate);

    /// <summary>Puts messages before those stashed.</summary>
    void Prepend(IEnumerable<StashedMessage> envelopes);

    IEnumerable<StashedMessage> ClearStash();
}

public readonly record struct StashedMessage(object Message, IActorRef Sender);

internal sealed class ActorStash(ActorCell cell) : IStash
{
    private LinkedList<Envelope> _stashed = new();
    private long _stashedTurn = -1;

    public int Count => _stashed.Count;

    public int Capacity => -1;

    public bool IsEmpty => _stashed.Count == 0;

    public bool IsFull => false;

    public void Stash()
    {
        var inWork = cell.InWork;
        if (inWork.Message is null)
        {
            throw new IllegalActorStateException($"{cell.Self} handles no message that it could stash.");
        }

        if (_stashedTurn == cell.Mailbox.Processed)
        {
            throw new IllegalActorStateException($"Can't stash the same message {inWork.Message} more than once");
        }

        _stashedTurn = cell.Mailbox.Processed;
        _stashed.AddLast(inWork);
    }

    public void Unstash()
    {
        if (_stashed.First is { } first)
        {
            _stashed.RemoveFirst();
            cell.Mailbox.PutInFront([first.Value]);
        }
    }

    public void UnstashAll() => UnstashAll(static _ => true);

    public void UnstashAll(Func<StashedMessage, bool> predicate)
    {
        var all = _stashed;
        _stashed = new LinkedList<Envelope>();
        cell.Mailbox.PutInFront([.. all.Where(e => predicate(new StashedMessage(e.Message, e.Sender ?? cell.System.DeadLetters)))]);
    }

    public void Prepend(IEnumerable<StashedMessage> envelopes)
    {
        foreach (var message in envelopes.Reverse())
        {
            _stashed.AddFirst(new Envelope(message.Message, message.Sender));
        }
    }

    public IEnumerable<StashedMessage> ClearStash()
    {
        var all = _stashed;
        _stashed = new LinkedList<Envelope>();
        return [.. all.Select(e => new StashedMessage(e.Message, e.Sender ?? cell.System.DeadLetters))];
    }
}
