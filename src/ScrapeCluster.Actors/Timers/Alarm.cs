namespace ScrapeCluster.Actors;

/// <summary>Calls back once at a time that can be moved; the callback may come a little late, never early.</summary>
internal interface IAlarm : IDisposable
{
    /// <summary>From now; replaces what was set before.</summary>
    void Set(TimeSpan wait);
}

internal static class Alarm
{
    /// <summary>
    /// A thread of its own for the real time: timers of the framework follow a clock that may step by 4 ms, which is more than a scrape may be late and still be
    /// stored at its planned time. Any other provider, such as a test's, has its own timer.
    /// </summary>
    public static IAlarm Of(TimeProvider time, Action ring) => time == TimeProvider.System ? new AlarmThread(ring) : new ProviderAlarm(time, ring);
}

internal sealed class AlarmThread : IAlarm
{
    private readonly Action _ring;
    private readonly Lock _lock = new();
    private readonly AutoResetEvent _moved = new(false);
    private long _due = long.MaxValue;
    private bool _disposed;

    public AlarmThread(Action ring)
    {
        _ring = ring;
        new Thread(Run) { IsBackground = true, Name = "actor-timers" }.UnsafeStart();
    }

    private static TimeProvider Clock => TimeProvider.System;

    public void Set(TimeSpan wait)
    {
        var now = Clock.GetTimestamp();
        var ticks = wait.TotalSeconds * Clock.TimestampFrequency;
        lock (_lock)
        {
            _due = ticks < long.MaxValue / 2 ? now + (long)ticks : long.MaxValue;
            if (!_disposed)
            {
                _moved.Set();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _disposed = true;
                _moved.Set();
            }
        }
    }

    private void Run()
    {
        while (NextWait() is { } wait)
        {
            if (wait > 0)
            {
                _moved.WaitOne(wait);
            }
            else if (wait < 0)
            {
                _moved.WaitOne();
            }
            else
            {
                _ring();
            }
        }

        _moved.Dispose();
    }

    /// <summary>Milliseconds; zero = ring now, less = until it is set, null = the end.</summary>
    private int? NextWait()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return null;
            }

            if (_due == long.MaxValue)
            {
                return -1;
            }

            var left = TimeSpan.FromSeconds((double)(_due - Clock.GetTimestamp()) / Clock.TimestampFrequency);
            if (left > TimeSpan.Zero)
            {
                return (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue);
            }

            _due = long.MaxValue;
            return 0;
        }
    }
}

internal sealed class ProviderAlarm : IAlarm
{
    private readonly ITimer _timer;

    public ProviderAlarm(TimeProvider time, Action ring)
    {
        // The callback must not carry the context of whoever happened to make the system.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static ring => ((Action)ring!)(), ring, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Timers of the framework count whole milliseconds and cut the rest: rounded up, else the callback comes too early.</summary>
    public void Set(TimeSpan wait)
    {
        var milliseconds = Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, uint.MaxValue - 1);
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();
}
