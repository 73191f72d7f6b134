namespace ScrapeCluster.Cluster.Membership;

/// <summary>The highest epoch that this node ever heard of; what comes under a lower one is refused. May be used from any thread.</summary>
internal sealed class EpochMark
{
    private long _highest;

    public long Highest => Volatile.Read(ref _highest);

    public void Raise(long epoch)
    {
        for (var seen = Highest; epoch > seen;)
        {
            var before = Interlocked.CompareExchange(ref _highest, epoch, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
