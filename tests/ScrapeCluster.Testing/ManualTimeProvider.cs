namespace ScrapeCluster.Testing;

/// <summary>
/// A clock that stands still until <see cref="Advance"/>. Timers fire on the advancing thread, in order of due time, and see
/// the clock standing at their own due time. Wall clock and monotonic clock can be moved apart with <see cref="StepWallClock"/>.
/// </summary>
public sealed class ManualTimeProvider(DateTimeOffset? start = null) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly DateTimeOffset _start = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _elapsed;
    private TimeSpan _wallStep;
    private long _created;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Timers made and not yet disposed, armed or not.</summary>
    public int TimerCount
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _start + _elapsed + _wallStep;
        }
    }

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return _elapsed.Ticks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            var timer = new ManualTimer(this, callback, state, _created++);
            _timers.Add(timer);
            timer.Arm(_elapsed, dueTime, period);
            return timer;
        }
    }

    /// <summary>Moves both clocks forward, firing on the way every timer that falls due.</summary>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        TimeSpan end;
        lock (_lock)
        {
            end = _elapsed + span;
        }

        while (TakeDue(end) is { } due)
        {
            due.Fire();
        }
    }

    /// <summary>Steps the wall clock (forward or back) without moving the monotonic one, as an administrator or NTP would.</summary>
    public void StepWallClock(TimeSpan step)
    {
        lock (_lock)
        {
            _wallStep += step;
        }
    }

    private ManualTimer? TakeDue(TimeSpan end)
    {
        lock (_lock)
        {
            ManualTimer? next = null;
            foreach (var timer in _timers)
            {
                if (timer.Due is { } due && due <= end && (next is null || timer.IsBefore(next)))
                {
                    next = timer;
                }
            }

            if (next is null)
            {
                _elapsed = end > _elapsed ? end : _elapsed;
                return null;
            }

            _elapsed = next.Due!.Value > _elapsed ? next.Due.Value : _elapsed;
            next.Rearm(_elapsed);
            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state, long order) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private bool _disposed;

        public TimeSpan? Due { get; private set; }

        public bool IsBefore(ManualTimer other) => Due < other.Due || (Due == other.Due && Order < other.Order);

        private long Order { get; } = order;

        public void Arm(TimeSpan now, TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            Due = dueTime == Timeout.InfiniteTimeSpan ? null : now + dueTime;
        }

        public void Rearm(TimeSpan now) => Due = _period > TimeSpan.Zero ? now + _period : null;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                if (_disposed)
                {
                    return false;
                }

                Arm(owner._elapsed, dueTime, period);
                return true;
            }
        }

        public void Dispose()
        {
            lock (owner._lock)
            {
                _disposed = true;
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
