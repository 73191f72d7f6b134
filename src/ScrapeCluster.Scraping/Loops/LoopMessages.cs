using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>From a pool to one of its loops. Loops count them, and their answers name the last one that was heard.</summary>
internal abstract record LoopOrder;

/// <summary>What a loop is to do from its next idle moment on.</summary>
/// <param name="Seed">Shifts the phase.</param>
/// <param name="ForcedFault">Fails every scrape without HTTP: the job is over its target limit.</param>
/// <param name="KeepsCache">The series of the run before go on; else their end-of-run markers are due.</param>
/// <param name="FailureLog">Takes a line for every failed scrape, if the job names a file.</param>
/// <param name="Key">See <see cref="TargetKey"/>; null: nobody is told how its scrapes end.</param>
internal sealed record AssignTarget(
    ScrapeTarget Target,
    SampleRules Rules,
    ITargetFetcher Fetcher,
    TargetCell Cell,
    TargetWindow Window,
    ulong Seed,
    string? ForcedFault,
    bool KeepsCache,
    ScrapeFailureLog? FailureLog,
    ulong? Key = null) : LoopOrder;

/// <summary>Other due times are this node's; nothing else changes.</summary>
internal sealed record SetWindow(TargetWindow Window) : LoopOrder;

/// <summary>The target is gone: finish the scrape in flight, write the markers when they are due, then say <see cref="LoopIdle"/>.</summary>
internal sealed record EndTarget : LoopOrder
{
    public static readonly EndTarget Instance = new();
}

/// <summary>The pool is gone: finish the scrape in flight, write no markers, then say <see cref="LoopIdle"/>.</summary>
internal sealed record HaltTarget : LoopOrder
{
    public static readonly HaltTarget Instance = new();
}

/// <summary>Another node goes on with the target: finish the scrape in flight, say <see cref="LoopReleased"/>, write no markers, then say <see cref="LoopIdle"/>.</summary>
internal sealed record ReleaseTarget : LoopOrder
{
    public static readonly ReleaseTarget Instance = new();
}

/// <summary>What the target exposed under the owner before, packed by <see cref="SeriesLines"/>.</summary>
internal sealed record AdoptSeries(byte[] Lines) : LoopOrder;

/// <summary>Say <see cref="LoopCollected"/> at the next idle moment.</summary>
internal sealed record CollectSeries(bool All) : LoopOrder;

/// <summary>From a loop to its pool: there is nothing left to do.</summary>
internal sealed record LoopIdle(ulong TargetHash, long Order);

/// <param name="Lines">Null when the target was never scraped.</param>
internal sealed record LoopReleased(ulong TargetHash, long Order, byte[]? Lines);

/// <param name="Lines">Null when there is nothing new to say.</param>
internal sealed record LoopCollected(ulong TargetHash, long Order, byte[]? Lines);

internal sealed record ScrapeTick
{
    public static readonly ScrapeTick Instance = new();
}

/// <summary>A run that has ended and owes its staleness markers.</summary>
internal sealed record RetiredRun(ScrapeAppender Appender, DateTimeOffset MarkerTime);
