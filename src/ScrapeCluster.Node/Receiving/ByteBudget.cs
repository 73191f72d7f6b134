namespace ScrapeCluster.Node.Receiving;

/// <summary>Bytes that several may hold together. Any thread.</summary>
internal sealed class ByteBudget(long max)
{
    private long _taken;

    public long Taken => Volatile.Read(ref _taken);

    /// <summary>False when there are not so many left.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= max)
        {
            return true;
        }

        Give(bytes);
        return false;
    }

    public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
