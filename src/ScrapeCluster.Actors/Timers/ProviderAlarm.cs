namespace ScrapeCluster.Actors;

/// <summary>The timer of a <see cref="TimeProvider"/>, to the tick: a test's clock rings when it says so. One that rings early is set again.</summary>
internal sealed class ProviderAlarm : IAlarm
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1.0);

    private readonly ITimer _timer;

    public ProviderAlarm(TimeProvider time, Action ring)
    {
        // The callback must not carry the context of whoever happened to make the system.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static ring => ((Action)ring!)(), ring, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Set(TimeSpan wait) =>
        _timer.Change(TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, Longest.Ticks)), Timeout.InfiniteTimeSpan);

    public void Dispose() => _timer.Dispose();
}
