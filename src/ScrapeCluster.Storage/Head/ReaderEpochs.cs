namespace ScrapeCluster.Storage.Head;

/// <summary>
/// Tells the writer when no reader can hold what it took out of the head. Readers never wait and never make the writer wait:
/// they count themselves in under the present epoch; the epoch advances when the one before it has no reader left, so what was
/// taken out in epoch e is free in e + 2.
/// </summary>
internal sealed class ReaderEpochs
{
    /// <summary>The two counters stand on cache lines of their own.</summary>
    private readonly long[] _readers = new long[24];
    private long _epoch = 2;

    public long Current => Volatile.Read(ref _epoch);

    public Reader Enter()
    {
        while (true)
        {
            var epoch = Volatile.Read(ref _epoch);
            Interlocked.Increment(ref Counter(epoch));
            if (Volatile.Read(ref _epoch) == epoch)
            {
                return new Reader(this, epoch);
            }

            Interlocked.Decrement(ref Counter(epoch));
        }
    }

    /// <summary>For the writer: moves on if nobody is left behind, and returns the present epoch.</summary>
    public long TryAdvance()
    {
        var epoch = _epoch;
        if (Volatile.Read(ref Counter(epoch + 1)) == 0)
        {
            Interlocked.Exchange(ref _epoch, ++epoch);
        }

        return epoch;
    }

    private ref long Counter(long epoch) => ref _readers[(epoch & 1) == 0 ? 7 : 15];

    public readonly struct Reader(ReaderEpochs epochs, long epoch) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref epochs.Counter(epoch));
    }
}
