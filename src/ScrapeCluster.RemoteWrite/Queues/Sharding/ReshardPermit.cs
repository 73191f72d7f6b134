namespace ScrapeCluster.RemoteWrite.Queues.Sharding;

/// <summary>
/// Whether a queue may change its number of shards now (behaviour: Prometheus storage/remote/queue_manager.go, shouldReshard): not while its receiver is not
/// known to be well, for then more shards are more of the same. Told by all shards, from any thread.
/// </summary>
internal sealed class ReshardPermit
{
    private readonly Lock _telling = new();
    private DateTimeOffset _lastEnd = DateTimeOffset.MinValue;
    private DateTimeOffset _heldUntil = DateTimeOffset.MinValue;

    /// <summary>A request has come to its end, taken or refused.</summary>
    public void Ended(DateTimeOffset now)
    {
        lock (_telling)
        {
            _lastEnd = now > _lastEnd ? now : _lastEnd;
        }
    }

    /// <summary>A try has failed and the next one comes after <paramref name="wait"/>: nothing changes for twice as long.</summary>
    public void Failed(DateTimeOffset now, TimeSpan wait)
    {
        var until = wait < (DateTimeOffset.MaxValue - now) / 2 ? now + (2 * wait) : DateTimeOffset.MaxValue;
        lock (_telling)
        {
            _heldUntil = until > _heldUntil ? until : _heldUntil;
        }
    }

    public bool Allows(DateTimeOffset now)
    {
        lock (_telling)
        {
            return _lastEnd >= now - ShardCount.Interval && now >= _heldUntil;
        }
    }
}
