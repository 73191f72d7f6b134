namespace ScrapeCluster.Cluster.Time;

/// <summary>
/// How far the store's clock is from ours, from the times of heartbeats. An answer that came quickly says it most exactly: the store's time was read somewhere
/// between sending and receiving, so the error is half of the round trip at most. Of the last few exchanges the quickest counts (the filter of NTP,
/// RFC 5905 section 10).
/// </summary>
/// <remarks>Pure; used by one thread.</remarks>
public sealed class OffsetFilter
{
    private const int Kept = 16;

    /// <summary>Half of an odd number of ticks.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromTicks(1);

    private readonly Queue<Exchange> _exchanges = new();

    /// <param name="Offset">To be added to our clock.</param>
    /// <param name="Error">At most; half of the round trip.</param>
    public readonly record struct Exchange(TimeSpan Offset, TimeSpan Error);

    /// <param name="sentAt">By our clock.</param>
    /// <param name="receivedAt">By our clock.</param>
    public Exchange Add(DateTimeOffset sentAt, DateTimeOffset storeTime, DateTimeOffset receivedAt)
    {
        var half = (receivedAt - sentAt) / 2;
        _exchanges.Enqueue(new Exchange(storeTime - (sentAt + half), half + Rounding));
        if (_exchanges.Count > Kept)
        {
            _exchanges.Dequeue();
        }

        return _exchanges.MinBy(exchange => exchange.Error);
    }
}
