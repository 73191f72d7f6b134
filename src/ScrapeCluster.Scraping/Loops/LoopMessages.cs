using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>What a loop is to do from its next idle moment on.</summary>
/// <param name="ForcedFault">Fails every scrape without HTTP: the job is over its target limit.</param>
/// <param name="KeepsCache">The series of the run before go on; else their end-of-run markers are due.</param>
/// <param name="FailureLog">Takes a line for every failed scrape, if the job names a file.</param>
internal sealed record AssignTarget(
    ScrapeTarget Target, SampleRules Rules, ITargetFetcher Fetcher, TargetCell Cell, string? ForcedFault, bool KeepsCache, ScrapeFailureLog? FailureLog);

/// <summary>The target is gone: finish the scrape in flight, write the markers when they are due, then say <see cref="LoopIdle"/>.</summary>
internal sealed record EndTarget
{
    public static readonly EndTarget Instance = new();
}

/// <summary>The pool is gone: finish the scrape in flight, write no markers, then say <see cref="LoopIdle"/>.</summary>
internal sealed record HaltTarget
{
    public static readonly HaltTarget Instance = new();
}

/// <summary>From a loop to its pool: there is nothing left to do.</summary>
internal sealed record LoopIdle(ulong TargetHash);

internal sealed record ScrapeTick
{
    public static readonly ScrapeTick Instance = new();
}

/// <summary>A run that has ended and owes its staleness markers.</summary>
internal sealed record RetiredRun(ScrapeAppender Appender, DateTimeOffset MarkerTime);
