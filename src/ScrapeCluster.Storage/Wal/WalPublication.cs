namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// How far the log is written, told by its one writer to any number of followers. Everything before the position is whole
/// records, so a follower never meets half a record. The writer pays for a wake-up only while somebody waits.
/// </summary>
public sealed class WalPublication
{
    private readonly object _gate = new();
    private long _packed;
    private int _waiting;

    public WalPosition Position
    {
        get
        {
            var packed = Volatile.Read(ref _packed);
            return new WalPosition((int)(packed >> 32), (uint)packed);
        }
    }

    internal void Publish(WalPosition position)
    {
        // One 64-bit word, so that a reader never sees the segment of one and the offset of another position.
        Interlocked.Exchange(ref _packed, ((long)position.Segment << 32) | (uint)position.Offset);
        if (Volatile.Read(ref _waiting) > 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Returns at once when the position is no longer <paramref name="seen"/>, else blocks until it moves, <see cref="Wake"/> or the timeout.</summary>
    public void WaitForMore(WalPosition seen, TimeSpan timeout)
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _waiting);
            if (Position == seen)
            {
                Monitor.Wait(_gate, timeout);
            }

            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Lets every waiting follower look again, for example to see that it shall end.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }
}
