namespace ScrapeCluster.Actors;

/// <summary>Waits on a thread of its own, to the millisecond.</summary>
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
