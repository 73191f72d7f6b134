namespace ScrapeCluster.Storage.Wal;

/// <summary>Who still has to send which part of the log: told by the queues of remote write, asked by whoever removes segments. One a node. Any thread.</summary>
public sealed class OwedLog
{
    private static readonly WalPosition Begin = new(0, 0);

    private readonly Lock _changes = new();
    private readonly List<OwedPart> _parts = [];
    private bool _areAllKnown = true;

    /// <summary>
    /// False after a start until the queues of before have been read: then anything may be owed, and <see cref="Lowest"/> is the beginning of the log. It stays so as long as the
    /// first configuration cannot be applied; the limits of what is owed hold all the while.
    /// </summary>
    public bool AreAllKnown
    {
        get
        {
            lock (_changes)
            {
                return _areAllKnown;
            }
        }
    }

    /// <summary>The lowest place that a queue still needs; null when no queue needs anything. A segment in front of it may be gone at any moment.</summary>
    public WalPosition? Lowest
    {
        get
        {
            lock (_changes)
            {
                if (!_areAllKnown)
                {
                    return Begin;
                }

                WalPosition? lowest = null;
                foreach (var part in _parts)
                {
                    lowest = lowest is { } known && known.CompareTo(part.Position) <= 0 ? known : part.Position;
                }

                return lowest;
            }
        }
    }

    /// <summary>One that waits for <see cref="NoteAllKnown"/>; <c>new()</c> is for a log that nobody follows yet.</summary>
    public static OwedLog AwaitingQueues() => new() { _areAllKnown = false };

    /// <summary>Every queue that was there before the start has its part, or has none any more. Further calls change nothing.</summary>
    public void NoteAllKnown()
    {
        lock (_changes)
        {
            _areAllKnown = true;
        }
    }

    /// <summary>From now on the log from <paramref name="position"/> on is owed to the queue, until it moves or ends its part. One that takes over what another has left comes before that ends.</summary>
    public OwedPart Add(string queue, WalPosition position)
    {
        var part = new OwedPart(this, queue, position);
        lock (_changes)
        {
            _parts.Add(part);
        }

        return part;
    }

    /// <summary>The parts of all queues, as they are now.</summary>
    public IReadOnlyList<OwedPart> Parts()
    {
        lock (_changes)
        {
            return [.. _parts];
        }
    }

    internal void Remove(OwedPart part)
    {
        lock (_changes)
        {
            _parts.Remove(part);
        }
    }
}

/// <summary>What one queue still has to send: everything from <see cref="Position"/> on. Ended by <see cref="Dispose"/>.</summary>
public sealed class OwedPart : IDisposable
{
    private readonly OwedLog _log;
    private readonly Lock _moving = new();
    private WalPosition _position;

    internal OwedPart(OwedLog log, string queue, WalPosition position)
    {
        _log = log;
        Queue = queue;
        _position = position;
    }

    public string Queue { get; }

    /// <summary>Persisted: a restart begins here. Only the queue moves it.</summary>
    public WalPosition Position
    {
        get
        {
            lock (_moving)
            {
                return _position;
            }
        }

        set
        {
            lock (_moving)
            {
                _position = value;
            }
        }
    }

    public void Dispose() => _log.Remove(this);
}
