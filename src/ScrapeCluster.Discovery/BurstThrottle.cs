namespace ScrapeCluster.Discovery;

/// <summary>
/// When changes may pass on: the first after quiet at once, further ones after an interval that grows from
/// <see cref="FirstInterval"/> by half each time up to the longest. Quiet is no change for the longest interval.
/// </summary>
internal struct BurstThrottle(TimeSpan longestInterval)
{
    private const double Growth = 1.5;

    private TimeSpan? _lastChange;
    private TimeSpan _lastPass;
    private TimeSpan _interval;

    public static TimeSpan FirstInterval => TimeSpan.FromMilliseconds(100);

    /// <summary>Notes a change; answers how long it waits.</summary>
    public TimeSpan Change(TimeSpan now)
    {
        if (_lastChange is not { } last || now - last >= longestInterval)
        {
            _interval = TimeSpan.Zero;
        }

        _lastChange = now;
        var wait = _lastPass + _interval - now;
        return _interval == TimeSpan.Zero || wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>Notes that all changes so far passed.</summary>
    public void Pass(TimeSpan now)
    {
        _lastPass = now;
        var grown = _interval == TimeSpan.Zero ? FirstInterval : _interval * Growth;
        _interval = grown < longestInterval ? grown : longestInterval;
    }
}
