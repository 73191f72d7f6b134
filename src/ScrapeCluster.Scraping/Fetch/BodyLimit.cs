using System.Globalization;

namespace ScrapeCluster.Scraping;

/// <summary>How many bytes a page may not have, and what is said of one that does.</summary>
internal sealed record BodyLimit(long Bytes, string Fault)
{
    // A body is one array, and buffers come in powers of two.
    private const long LargestBytes = 1L << 30;

    /// <param name="bodySizeLimit">The job's; 0 is none.</param>
    /// <param name="hardLimitBytes">The node's, which holds whatever the job says.</param>
    public static BodyLimit Of(long bodySizeLimit, long hardLimitBytes)
    {
        var hard = Math.Min(hardLimitBytes, LargestBytes);
        return bodySizeLimit > 0 && bodySizeLimit <= hard
            ? new BodyLimit(bodySizeLimit, "body size limit exceeded")
            : new BodyLimit(hard, string.Create(
                CultureInfo.InvariantCulture,
                $"body size limit exceeded: the job's body_size_limit is {bodySizeLimit} (0 = none), and the page has {hard} bytes or more, the value of scrapecluster.scrape.hard-body-limit"));
    }
}
