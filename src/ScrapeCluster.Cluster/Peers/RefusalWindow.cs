namespace ScrapeCluster.Cluster.Peers;

/// <summary>One line a minute, however often somebody knocks.</summary>
internal sealed class RefusalWindow(TimeProvider time)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _told;
    private long _count;

    /// <summary>How many there were since the last line when it is time for one, this one included.</summary>
    public long? Admits()
    {
        lock (_lock)
        {
            _count++;
            if (_told is { } told && time.GetElapsedTime(told) < Length)
            {
                return null;
            }

            var count = _count;
            _told = time.GetTimestamp();
            _count = 0;
            return count;
        }
    }
}
