using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Scraping;

internal sealed partial class ScrapeLoopActor
{
    private readonly ILogger _logger = context.Logger;

    // Debug: a target that is down is the user's daily bread, and shown on the page.
    [LoggerMessage(LogIds.ScrapeFailed, LogLevel.Debug, "Scrape of {Url} failed: {Fault}")]
    private partial void LogScrapeFailed(string url, string fault);

    [LoggerMessage(LogIds.StorageRefused, LogLevel.Debug, "The scrape of {Url} was not stored: {Error}")]
    private partial void LogStorageRefused(string url, string error);

    [LoggerMessage(LogIds.StorageSilent, LogLevel.Error, "Storage did not answer the scrape of {Url} for {Wait}; the target is scraped on without it")]
    private partial void LogStorageSilent(string url, TimeSpan wait);

    [LoggerMessage(LogIds.SamplesRefused, LogLevel.Debug, "Storage refused samples of {Url}: {OutOfOrder} out of order, {Duplicates} with a duplicate timestamp, {OutOfBounds} out of bounds")]
    private partial void LogSamplesRefused(string url, int outOfOrder, int duplicates, int outOfBounds);

    [LoggerMessage(LogIds.LinesUnreadable, LogLevel.Warning, "The series lines that came with {Url} cannot be read, series that it exposes no more get no staleness markers: {Fault}")]
    private partial void LogLinesUnreadable(string url, string fault);
}
