namespace ScrapeCluster.Scraping;

/// <summary>What reading one page came to.</summary>
internal struct PageCounts
{
    /// <summary>Samples on the page, dropped ones included, up to the fault if there was one.</summary>
    public int Scraped;

    /// <summary>Of those, what relabelling left, whether accepted or not.</summary>
    public int PostRelabelling;

    /// <summary>Series that were new to the cache and accepted.</summary>
    public int SeriesAdded;

    /// <summary>Samples that count for sample_limit.</summary>
    public long Counted;

    /// <summary>Second samples of a series without timestamps of their own.</summary>
    public int Duplicates;

    /// <summary>Samples more than ten minutes ahead of the clock.</summary>
    public int OutOfBounds;

    public bool LimitExceeded;
    public bool LabelLimitExceeded;
}
