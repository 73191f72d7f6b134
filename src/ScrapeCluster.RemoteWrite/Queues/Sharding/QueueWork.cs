namespace ScrapeCluster.RemoteWrite.Queues.Sharding;

/// <summary>Counts what a queue does, for <see cref="ShardCount"/>. Told by the follower and all shards, read by anyone.</summary>
internal sealed class QueueWork
{
    private long _dropped;
    private long _out;
    private long _outTicks;

    /// <summary>Samples that were read and will not be sent.</summary>
    public void Dropped(long count)
    {
        if (count > 0)
        {
            Interlocked.Add(ref _dropped, count);
        }
    }

    /// <summary>A request with so many samples came to its end, so long after its first try began.</summary>
    public void Ended(int count, TimeSpan duration)
    {
        Interlocked.Add(ref _out, count);
        Interlocked.Add(ref _outTicks, duration.Ticks);
    }

    /// <param name="appended">Samples that the node has written to its log.</param>
    public QueueTotals Totals(long appended) =>
        new(appended, Interlocked.Read(ref _dropped), Interlocked.Read(ref _out), TimeSpan.FromTicks(Interlocked.Read(ref _outTicks)));
}
