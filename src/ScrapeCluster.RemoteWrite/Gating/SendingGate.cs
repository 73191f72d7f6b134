using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Gating;

/// <summary>
/// How far the queues of a node may read the log for sending, so that receivers get the samples of a series in order although it was scraped by one node after the
/// other. All queues ask here before each record; whoever knows who scrapes what says here what must wait, be hurried or be left out. Any thread; nothing waits.
/// </summary>
/// <param name="isSuspended">Nothing is sent before the first <see cref="Resume"/>.</param>
public sealed class SendingGate(WalPublication published, TimeProvider time, bool isSuspended)
{
    private readonly Lock _changes = new();
    private readonly Dictionary<long, Held> _holds = [];
    private readonly List<QueueGate> _queues = [];
    private readonly LogAges _ages = new();
    private LostPart? _lost;
    private long _lastHold;

    /// <summary>No cluster, no limits.</summary>
    public static SendingGate Open(WalPublication published, TimeProvider time) => new(published, time, isSuspended: false);

    internal bool IsSuspended { get; private set; } = isSuspended;

    /// <summary>For how long at least what the queue that is farthest behind has not sent is in the log; zero without queues. To be asked every second or so.</summary>
    public TimeSpan Lag
    {
        get
        {
            lock (_changes)
            {
                var now = Now;
                var end = published.Position;
                _ages.Note(end, now);
                var lag = TimeSpan.Zero;
                foreach (var queue in _queues)
                {
                    var age = _ages.AgeOf(queue.Answered(), end, now);
                    lag = age > lag ? age : lag;
                }

                return lag;
            }
        }
    }

    private TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>What is written from now on is not read by any queue until it is released, or for so long.</summary>
    public long Hold(TimeSpan atMost)
    {
        lock (_changes)
        {
            var number = ++_lastHold;
            _holds.Add(number, new Held(published.Position, Now + atMost));
            Changed();
            return number;
        }
    }

    /// <param name="queue">Empty: all queues.</param>
    public void Release(long hold, string queue = "")
    {
        lock (_changes)
        {
            if (queue.Length == 0)
            {
                _holds.Remove(hold);
            }
            else if (_holds.TryGetValue(hold, out var held))
            {
                held.Free.Add(queue);
            }

            Changed();
        }
    }

    /// <summary>Sends what is in the log now without waiting for full requests. Each is true once all of it was answered, false when that took longer.</summary>
    public IReadOnlyList<(string Queue, Task<bool> Sent)> Push(TimeSpan within)
    {
        lock (_changes)
        {
            var end = published.Position;
            var pushed = _queues.Select(queue => (queue.Name, queue.PushAsync(end, within, time))).ToList();
            Changed();
            return pushed;
        }
    }

    public void Suspend()
    {
        lock (_changes)
        {
            IsSuspended = true;
            Changed();
        }
    }

    /// <param name="takenOverAt">From when on other nodes scraped what is in the log; null when none did.</param>
    public void Resume(DateTimeOffset? takenOverAt)
    {
        lock (_changes)
        {
            if (takenOverAt is { } at)
            {
                _lost = new LostPart(published.Position, at.ToUnixTimeMilliseconds());
                _queues.ForEach(queue => queue.Lose(_lost));
            }

            IsSuspended = false;
            Changed();
        }
    }

    /// <param name="takesLate">The receiver takes samples that are older than others of their series.</param>
    /// <param name="answered">How far it has answered.</param>
    internal QueueGate Add(string name, bool takesLate, Func<WalPosition> answered)
    {
        lock (_changes)
        {
            var queue = new QueueGate(this, name, takesLate, answered, _lost);
            _queues.Add(queue);
            Changed();
            return queue;
        }
    }

    internal void Remove(QueueGate queue)
    {
        lock (_changes)
        {
            _queues.Remove(queue);
        }
    }

    internal bool Holds(string queue, WalPosition record)
    {
        lock (_changes)
        {
            var now = Now;
            foreach (var held in _holds.Values)
            {
                if (now < held.Until && record.CompareTo(held.From) >= 0 && !held.Free.Contains(queue))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Followers that wait for more, or for this, look again.</summary>
    private void Changed()
    {
        if (_holds.Count > 0)
        {
            var now = Now;
            foreach (var number in _holds.Where(hold => now >= hold.Value.Until).Select(hold => hold.Key).ToList())
            {
                _holds.Remove(number);
            }
        }

        foreach (var queue in _queues)
        {
            queue.LookAgain(isFree: !IsSuspended && _holds.Count == 0);
        }

        published.Wake();
    }

    private sealed record Held(WalPosition From, TimeSpan Until)
    {
        /// <summary>Queues that need not wait any more.</summary>
        public HashSet<string> Free { get; } = new(StringComparer.Ordinal);
    }
}

/// <summary>Part of the log that others have scraped too, or after it.</summary>
/// <param name="Before">Its end.</param>
/// <param name="FromMs">What is not older was scraped beside them.</param>
internal sealed record LostPart(WalPosition Before, long FromMs);
