namespace ScrapeCluster.Actors;

/// <summary>The timer of a <see cref="TimeProvider"/>.</summary>
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
