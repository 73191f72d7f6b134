namespace ScrapeCluster.Discovery;

/// <summary>
/// When changes may pass on: not sooner after the last ones than an interval, which begins with <see cref="FirstInterval"/> and grows by half whenever changes
/// come faster than it, up to the longest. So single changes pass at once however regularly they come. Quiet for the longest interval, and it begins anew.
/// </summary>
internal struct BurstThrottle(TimeSpan longestInterval)
{
    private const double Growth = 1.5;

    private TimeSpan? _lastChange;
    private TimeSpan _lastPass;
    private TimeSpan _interval;
    private bool _holdsBack;

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
        if (_interval == TimeSpan.Zero || wait <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        _holdsBack = true;
        return wait;
    }

    /// <summary>Notes that all changes so far passed.</summary>
    public void Pass(TimeSpan now)
    {
        _lastPass = now;
        var next = _interval == TimeSpan.Zero ? FirstInterval : _holdsBack ? _interval * Growth : _interval;
        _interval = next < longestInterval ? next : longestInterval;
        _holdsBack = false;
    }
}
