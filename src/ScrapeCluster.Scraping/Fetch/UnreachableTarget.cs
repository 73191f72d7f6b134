namespace ScrapeCluster.Scraping;

/// <summary>A target that no request can be made for: relabelling may put anything into scheme, address and path.</summary>
internal sealed class UnreachableTarget(string fault) : ITargetFetcher
{
    public Task<FetchResult> FetchAsync(int expectedBytes, CancellationToken shutdown) => Task.FromResult(FetchResult.Failed(fault));
}
