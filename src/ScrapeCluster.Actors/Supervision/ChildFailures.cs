namespace ScrapeCluster.Actors;

/// <summary>Restarts a supervisor has granted, by child, for limits within a window. Empty while nothing fails.</summary>
internal sealed class ChildFailures
{
    private static readonly object AllChildren = new();
    private Dictionary<object, Window>? _windows;

    /// <param name="child">Null counts for all children together.</param>
    /// <param name="maxRetries">Restarts allowed in the window; negative is one per window, as a window without a number means.</param>
    /// <param name="window">Null is for ever.</param>
    /// <param name="now">Timestamp of <paramref name="time"/>.</param>
    /// <param name="time">The clock.</param>
    public bool PermitsRestart(LocalActorRef? child, int maxRetries, TimeSpan? window, long now, TimeProvider time)
    {
        if (maxRetries == 0)
        {
            return false;
        }

        var limit = maxRetries < 0 ? 1 : maxRetries;
        _windows ??= [];
        var key = (object?)child ?? AllChildren;
        if (!_windows.TryGetValue(key, out var present) || (window is { } length && time.GetElapsedTime(present.Start, now) > length))
        {
            _windows[key] = new Window(now, 1);
            return true;
        }

        _windows[key] = present with { Restarts = present.Restarts + 1 };
        return present.Restarts + 1 <= limit;
    }

    public void Forget(LocalActorRef child) => _windows?.Remove(child);

    private readonly record struct Window(long Start, int Restarts);
}
