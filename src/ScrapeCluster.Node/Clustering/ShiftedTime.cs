namespace ScrapeCluster.Node.Clustering;

/// <summary>A wall clock that is wrong by so much; timers and timestamps are as they were.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private readonly TimeProvider _inner;
    private readonly TimeSpan _ahead;

    private ShiftedTime(TimeProvider inner, TimeSpan ahead)
    {
        _inner = inner;
        _ahead = ahead;
    }

    public override TimeZoneInfo LocalTimeZone => _inner.LocalTimeZone;

    public override long TimestampFrequency => _inner.TimestampFrequency;

    public static TimeProvider Of(TimeProvider inner, TimeSpan ahead) => ahead == TimeSpan.Zero ? inner : new ShiftedTime(inner, ahead);

    public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow() + _ahead;

    public override long GetTimestamp() => _inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _inner.CreateTimer(callback, state, dueTime, period);
}
