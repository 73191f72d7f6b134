namespace ScrapeCluster.RemoteWrite.Queues.Sharding;

/// <summary>
/// How many shards a queue should have (behaviour: Prometheus storage/remote/queue_manager.go, calculateDesiredShards): as many as it takes to send what comes
/// in, and a twentieth of what is behind every second besides, when each sample takes as long as lately. To be asked once every <see cref="Interval"/>.
/// Whether the answer may be put into effect at that moment is for <see cref="ReshardPermit"/> to say.
/// </summary>
internal sealed class ShardCount(int min, int max)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>A change by less is not worth the pause.</summary>
    private const double Tolerance = 0.3;

    private const double BacklogShareASecond = 0.05;

    /// <summary>A queue that is farther behind keeps its shards.</summary>
    private static readonly TimeSpan MaxDelayToShrink = TimeSpan.FromSeconds(10);

    private SmoothedRate _in;
    private SmoothedRate _dropped;
    private SmoothedRate _out;
    private SmoothedRate _outSeconds;

    /// <summary>Before rounding and limits, for <c>prometheus_remote_storage_shards_desired</c>; the minimum until something was sent.</summary>
    public double Desired { get; private set; } = min;

    /// <summary>The number of shards to have from now on; <paramref name="current"/> when nothing should change.</summary>
    /// <param name="current">As many run now.</param>
    /// <param name="totals">Counted since the queue began.</param>
    /// <param name="delay">Between the newest timestamp in the log and the newest that was sent.</param>
    public int Next(int current, in QueueTotals totals, TimeSpan delay)
    {
        _in.Tick(totals.In, Interval);
        _dropped.Tick(totals.Dropped, Interval);
        _out.Tick(totals.Out, Interval);
        _outSeconds.Tick(totals.OutDuration.TotalSeconds, Interval);
        if (_out.PerSecond <= 0)
        {
            return current;
        }

        var wantedPerSecond = _in.PerSecond * _out.PerSecond / (_dropped.PerSecond + _out.PerSecond);
        var behind = delay.TotalSeconds * wantedPerSecond;
        var secondsASample = _outSeconds.PerSecond / _out.PerSecond;
        Desired = secondsASample * (wantedPerSecond + (BacklogShareASecond * behind));

        // Rounded first: from one shard to 1.2 is a change, to two.
        var rounded = Math.Ceiling(Desired);
        if ((rounded >= current * (1 - Tolerance) && rounded <= current * (1 + Tolerance)) || (rounded < current && delay > MaxDelayToShrink))
        {
            return current;
        }

        return (int)Math.Clamp(rounded, min, Math.Max(min, max));
    }
}
