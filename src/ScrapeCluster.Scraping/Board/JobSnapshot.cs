using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>What the manager knows of one job.</summary>
/// <param name="Groups">The target groups as discovery pushed them last.</param>
/// <param name="DroppedTargets">Discovered labels of targets that relabelling dropped, at most <c>keep_dropped_targets</c> of them.</param>
/// <param name="DroppedCount">How many were dropped in truth.</param>
/// <param name="InvalidTargets">Targets that could not be built, each with its reason.</param>
/// <param name="Failure">Why the job cannot scrape at all (an unsupported kind of discovery, an unreadable TLS file); null when it can.</param>
public sealed record JobSnapshot(
    string Job,
    IReadOnlyList<TargetGroup> Groups,
    int ActiveCount,
    IReadOnlyList<Labels> DroppedTargets,
    int DroppedCount,
    IReadOnlyList<InvalidTarget> InvalidTargets,
    string? Failure)
{
    internal static JobSnapshot Empty(string job) => new(job, [], 0, [], 0, [], null);
}

public sealed record InvalidTarget(Labels DiscoveredLabels, string Reason);
