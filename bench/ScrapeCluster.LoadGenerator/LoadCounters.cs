namespace ScrapeCluster.LoadGenerator;

/// <summary>What the generator has served, over all connections.</summary>
internal sealed class LoadCounters
{
    private long _scrapes;
    private long _posts;
    private long _postBytes;

    public void AddScrape() => Interlocked.Increment(ref _scrapes);

    public void AddPost(long bytes)
    {
        Interlocked.Increment(ref _posts);
        Interlocked.Add(ref _postBytes, bytes);
    }

    public string ToJson()
    {
        return $$"""{"scrapes":{{Interlocked.Read(ref _scrapes)}},"posts":{{Interlocked.Read(ref _posts)}},"postBytes":{{Interlocked.Read(ref _postBytes)}}}""" + "\n";
    }
}
