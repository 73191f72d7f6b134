namespace ScrapeCluster.Model;

/// <summary>
/// From the manager to whoever places targets: the whole set of active targets of a job, relabelled, checked and unique by hash. Told only when every entry
/// of the job's discovery has answered once, so a manager that has just begun cannot empty a job.
/// </summary>
/// <param name="ForcedFault">Fails every scrape of the job without HTTP; null normally.</param>
public sealed record JobTargets(string Job, IReadOnlyList<ScrapeTarget> Targets, string? ForcedFault)
{
    /// <summary>Some entry of the job's discovery has only failed so far: a set that is known already stays in force until it has seen all of its source once.</summary>
    public bool IsPartial { get; init; }
}

/// <summary>From the manager: these jobs are configured, every other one has ended.</summary>
public sealed record JobsConfigured(IReadOnlyCollection<string> Jobs);
