using System.Diagnostics.CodeAnalysis;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>Fetches the page of one target, once at a time.</summary>
internal interface ITargetFetcher
{
    /// <summary>
    /// Never throws for what a target or the network does: that is a <see cref="FetchResult.Fault"/>. The time-out is the target's.
    /// Whoever gets the result gives its buffer back.
    /// </summary>
    /// <param name="expectedBytes">Size of the last page, 0 before the first.</param>
    Task<FetchResult> FetchAsync(int expectedBytes, CancellationToken shutdown);
}

/// <summary>The fetchers of one pool: they share connections and credentials.</summary>
internal interface ITargetFetchers : IDisposable
{
    ITargetFetcher For(ScrapeTarget target);

    /// <summary>Resolves names and opens connections for first scrapes soon to come; sends nothing. Ends within seconds, also when targets cannot be reached.</summary>
    Task PrepareAsync(IReadOnlyList<ScrapeTarget> targets, CancellationToken shutdown);

    /// <summary>Closes what was prepared too long ago.</summary>
    void ForgetPrepared();
}

/// <summary>Makes the fetchers of a pool. May read files, so no actor calls it in a handler.</summary>
internal interface ITargetFetcherFactory
{
    bool TryCreate(ScrapeConfig config, [NotNullWhen(true)] out ITargetFetchers? fetchers, [NotNullWhen(false)] out string? fault);
}

/// <param name="Buffer">Rented from the pool of bodies; null without a body.</param>
/// <param name="Fault">Why there is no page; null when there is one, if only an empty one.</param>
internal sealed record FetchResult(byte[]? Buffer, int Length, string? ContentType, string? Fault, bool BodyLimitExceeded = false)
{
    public static FetchResult Failed(string fault, bool bodyLimitExceeded = false) => new(null, 0, null, fault, bodyLimitExceeded);
}
