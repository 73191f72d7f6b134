namespace ScrapeCluster.Storage.Queries;

/// <summary>
/// Which queries read what part of the head. A block that takes over a range is listed first; the range may leave the head when all queries that began before
/// have ended, since they do not know the block and would have a hole. Those that begin later read both and see each sample once.
/// </summary>
internal sealed class PendingReads
{
    /// <summary>Guards the two below.</summary>
    private readonly Lock _changes = new();
    private readonly Dictionary<long, long> _minMsByNumber = [];
    private long _lastNumber;

    public int Count
    {
        get
        {
            lock (_changes)
            {
                return _minMsByNumber.Count;
            }
        }
    }

    /// <summary>From the moment before the list of blocks is taken to the end of the query.</summary>
    public IDisposable Begin(long minMs)
    {
        lock (_changes)
        {
            _minMsByNumber[++_lastNumber] = minMs;
            return new Reading(this, _lastNumber);
        }
    }

    /// <summary>For <see cref="HaveEnded"/>: taken after the new block is in the list.</summary>
    public long Mark()
    {
        lock (_changes)
        {
            return _lastNumber;
        }
    }

    /// <summary>True when no query reads on that began before the mark and wants something from before the time.</summary>
    public bool HaveEnded(long mark, long beforeMs)
    {
        lock (_changes)
        {
            foreach (var (number, minMs) in _minMsByNumber)
            {
                if (number <= mark && minMs < beforeMs)
                {
                    return false;
                }
            }

            return true;
        }
    }

    private void End(long number)
    {
        lock (_changes)
        {
            _minMsByNumber.Remove(number);
        }
    }

    private sealed class Reading(PendingReads reads, long number) : IDisposable
    {
        public void Dispose() => reads.End(number);
    }
}
