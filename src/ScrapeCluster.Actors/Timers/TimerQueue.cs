namespace ScrapeCluster.Actors;

/// <summary>
/// All timers of a system on one heap by due time, driven by one <see cref="IAlarm"/>; adding, moving and
/// cancelling cost O(log n) and no timer of the operating system.
/// </summary>
internal sealed class TimerQueue : IDisposable
{
    private static readonly TimeSpan Never = TimeSpan.MaxValue;

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly IAlarm _alarm;
    private readonly Lock _lock = new();
    private TimerEntry[] _heap = new TimerEntry[16];
    private int _count;
    private long _sequence;
    private TimeSpan _armedFor = Never;
    private bool _disposed;

    public TimerQueue(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();

        _alarm = Alarm.Of(time, FireDue);
    }

    /// <summary>Monotonic time since the system's start.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_start);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    public void Add(TimerEntry entry, TimeSpan delay)
    {
        var now = Now;
        lock (_lock)
        {
            if (!_disposed && entry.Index < 0 && !entry.IsCancelled)
            {
                Insert(entry, now, delay);
                Arm(now);
            }
        }
    }

    public void Remove(TimerEntry entry)
    {
        lock (_lock)
        {
            entry.IsCancelled = true;
            if (entry.Index >= 0)
            {
                RemoveAt(entry.Index);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;

            // One by one: whoever waits for a reply may still cancel its timeout afterwards.
            while (_count > 0)
            {
                RemoveAt(_count - 1);
            }
        }

        _alarm.Dispose();
    }

    private void FireDue()
    {
        var now = Now;
        while (TakeDue(now) is { } entry)
        {
            var again = entry.Fire(now);
            if (again is { } delay)
            {
                lock (_lock)
                {
                    if (!_disposed && !entry.IsCancelled && entry.Index < 0)
                    {
                        Insert(entry, now, delay);
                    }
                }
            }
        }

        lock (_lock)
        {
            _armedFor = Never;
            Arm(Now);
        }
    }

    private TimerEntry? TakeDue(TimeSpan now)
    {
        lock (_lock)
        {
            if (_count == 0 || _heap[0].Due > now)
            {
                return null;
            }

            var entry = _heap[0];
            RemoveAt(0);
            return entry;
        }
    }

    private void Arm(TimeSpan now)
    {
        if (_disposed || _count == 0 || _heap[0].Due >= _armedFor)
        {
            return;
        }

        _armedFor = _heap[0].Due;
        _alarm.Set(_armedFor - now);
    }

    private void Insert(TimerEntry entry, TimeSpan now, TimeSpan delay)
    {
        entry.Due = delay > Never - now ? Never : now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
        entry.Sequence = _sequence++;
        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, _count * 2);
        }

        MoveUp(entry, _count++);
    }

    private void RemoveAt(int index)
    {
        _heap[index].Index = -1;
        var last = _heap[--_count];
        _heap[_count] = null!;
        if (index == _count)
        {
            return;
        }

        if (index > 0 && last.IsBefore(_heap[(index - 1) / 2]))
        {
            MoveUp(last, index);
        }
        else
        {
            MoveDown(last, index);
        }
    }

    private void MoveUp(TimerEntry entry, int index)
    {
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (!entry.IsBefore(_heap[parent]))
            {
                break;
            }

            Place(_heap[parent], index);
            index = parent;
        }

        Place(entry, index);
    }

    private void MoveDown(TimerEntry entry, int index)
    {
        while ((index * 2) + 1 is var child && child < _count)
        {
            if (child + 1 < _count && _heap[child + 1].IsBefore(_heap[child]))
            {
                child++;
            }

            if (!_heap[child].IsBefore(entry))
            {
                break;
            }

            Place(_heap[child], index);
            index = child;
        }

        Place(entry, index);
    }

    private void Place(TimerEntry entry, int index)
    {
        _heap[index] = entry;
        entry.Index = index;
    }
}

/// <summary>Something due at a time, once or again.</summary>
internal abstract class TimerEntry(TimerQueue queue)
{
    internal TimeSpan Due;
    internal long Sequence;

    /// <summary>Place in the heap; -1 outside. Guarded by the queue's lock, as is all of the order.</summary>
    internal int Index = -1;
    internal volatile bool IsCancelled;

    protected TimerQueue Queue { get; } = queue;

    /// <summary>Falls due; answers after how long again. Must not block: every timer of the system waits.</summary>
    internal abstract TimeSpan? Fire(TimeSpan now);

    internal bool IsBefore(TimerEntry other) => Due < other.Due || (Due == other.Due && Sequence < other.Sequence);

    internal void Cancel() => Queue.Remove(this);

    /// <summary>
    /// Time to the next tick of a steady rhythm: counted from when this one was due, not from when it came; ticks that were
    /// missed altogether are left out.
    /// </summary>
    protected TimeSpan NextTick(TimeSpan now, TimeSpan interval)
    {
        var late = now - Due;
        return late < interval ? interval - late : interval - TimeSpan.FromTicks(late.Ticks % interval.Ticks);
    }
}
