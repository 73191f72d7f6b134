namespace ScrapeCluster.Cluster.Coordination;

/// <summary>What is said of a store that does not answer: when that begins, rarely while it lasts, and when it is over. Pure; times are monotonic.</summary>
internal sealed class StoreSilence
{
    public static readonly TimeSpan SaidEvery = TimeSpan.FromMinutes(1);

    private TimeSpan? _since;
    private TimeSpan _saidAt;

    /// <summary>Another request failed. True when that is worth a line.</summary>
    public bool Goes(TimeSpan now)
    {
        if (_since is not null && now - _saidAt < SaidEvery)
        {
            return false;
        }

        _since ??= now;
        _saidAt = now;
        return true;
    }

    /// <summary>The store answered. How long it had not; null when it always did.</summary>
    public TimeSpan? Ends(TimeSpan now)
    {
        var lasted = now - _since;
        _since = null;
        return lasted;
    }
}
