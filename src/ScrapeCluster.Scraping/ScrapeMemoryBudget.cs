namespace ScrapeCluster.Scraping;

/// <summary>
/// Bytes that all scrapes in flight on a node may hold together (setting <c>scrapecluster.scrape.memory-budget</c>). This is the back-pressure of
/// scraping: when storage or targets are slow, ticks are missed and counted, instead of memory filling up.
/// </summary>
public sealed class ScrapeMemoryBudget(long limitBytes)
{
    private long _used;

    public long LimitBytes { get; } = limitBytes;

    public long UsedBytes => Interlocked.Read(ref _used);

    /// <summary>False when it would exceed the limit; alone, a scrape of any size may go.</summary>
    internal bool TryTake(long bytes)
    {
        var before = Interlocked.Add(ref _used, bytes) - bytes;
        if (before == 0 || before + bytes <= LimitBytes)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    /// <summary>For what a running scrape turned out to need beyond its guess.</summary>
    internal void TakeMore(long bytes) => Interlocked.Add(ref _used, bytes);

    internal void Return(long bytes) => Interlocked.Add(ref _used, -bytes);
}
