namespace ScrapeCluster.Cluster.Time;

/// <summary>
/// The time that all nodes share: this node's monotonic clock plus its distance to the store's clock. Scrape plans, hand-over instants and sample
/// timestamps follow it, so a node whose own clock is wrong by minutes scrapes in phase. Timers and timestamps are the local ones.
/// </summary>
public sealed class ClusterTime : TimeProvider
{
    /// <summary>A change below this is noise of the measurement, and stays out of timestamps.</summary>
    private static readonly TimeSpan Noise = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _local;
    private readonly DateTimeOffset _start;
    private readonly long _startStamp;
    private long _offsetTicks;

    public ClusterTime(TimeProvider local)
    {
        _local = local;
        _start = local.GetUtcNow();
        _startStamp = local.GetTimestamp();
    }

    public override TimeZoneInfo LocalTimeZone => _local.LocalTimeZone;

    public override long TimestampFrequency => _local.TimestampFrequency;

    /// <summary>Cluster time less the wall clock of this machine: what a warning is about.</summary>
    public TimeSpan WallClockError => GetUtcNow() - _local.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => Unadjusted() + TimeSpan.FromTicks(Volatile.Read(ref _offsetTicks));

    public override long GetTimestamp() => _local.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _local.CreateTimer(callback, state, dueTime, period);

    /// <summary>This node's clock without the cluster: what offsets are measured against. Steps of the wall clock are not in it.</summary>
    public DateTimeOffset Unadjusted() => _start + _local.GetElapsedTime(_startStamp);

    /// <summary>Takes a better known offset; returns by how much the clock was stepped, zero when the difference is within the error.</summary>
    public TimeSpan Adjust(OffsetFilter.Exchange best)
    {
        var step = best.Offset - TimeSpan.FromTicks(Volatile.Read(ref _offsetTicks));
        if (step.Duration() <= best.Error + Noise)
        {
            return TimeSpan.Zero;
        }

        Volatile.Write(ref _offsetTicks, best.Offset.Ticks);
        return step;
    }
}
