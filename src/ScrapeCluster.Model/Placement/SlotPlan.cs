namespace ScrapeCluster.Model;

/// <summary>
/// To a node's pools: all that one slot of a job is to do here from now on. A target that is not in it any more is gone from discovery and gets its
/// staleness markers; one that another node goes on with is taken away by <see cref="ReleaseTargets"/> before.
/// </summary>
/// <param name="Targets">Unique by hash. A loop is made for each and scrapes the due times of its window only.</param>
/// <param name="ForcedFault">Fails every scrape without HTTP, such as a <c>target_limit</c> that is exceeded; null normally.</param>
public sealed record SlotPlan(string Job, int Slot, IReadOnlyList<PlannedTarget> Targets, string? ForcedFault)
{
    /// <summary>Each target has other slots too, so that its samples must tell which slot they are of.</summary>
    public bool IsReplicated { get; init; }

    public SlotPlan Without(IReadOnlyCollection<ulong> hashes)
    {
        var gone = hashes.ToHashSet();
        return this with { Targets = [.. Targets.Where(planned => !gone.Contains(planned.Target.Hash))] };
    }
}

public readonly record struct PlannedTarget(ScrapeTarget Target, TargetWindow Window);

/// <summary>
/// To a node's pools: get ready to scrape these targets, which are not in the plan yet. Resolves names and opens connections, but sends nothing
/// to a target. Answered by <see cref="TargetsPrepared"/>, also when some cannot be reached: their scrapes would fail anywhere. What no plan names
/// within half a minute is forgotten.
/// </summary>
/// <param name="Tag">Comes back with the answer.</param>
public sealed record PrepareTargets(string Job, int Slot, IReadOnlyList<ScrapeTarget> Targets, object Tag);

public sealed record TargetsPrepared(object Tag);

/// <summary>
/// To a node's pools: these targets are another node's now. A scrape in flight ends, no markers are written, and the sender gets
/// <see cref="TargetsReleased"/> when the last one has stopped. What does not run is answered for too.
/// </summary>
public sealed record ReleaseTargets(string Job, int Slot, IReadOnlyCollection<ulong> Hashes, object Tag);

/// <param name="Lines">What each of them exposed at its end, for its next owner; targets that never were scraped are missing.</param>
public sealed record TargetsReleased(IReadOnlyList<TargetLines> Lines, object Tag);

/// <summary>
/// To a node's pools: what these targets exposed under their owner before. Those series that the next scrape here does not expose get their markers in its
/// batch. Ignored for targets that are not in the plan, and for series that were scraped here since.
/// </summary>
public sealed record AdoptLines(string Job, int Slot, IReadOnlyList<TargetLines> Lines);

/// <summary>
/// To a node's pools: the series lines of these targets that changed since they were collected last, or all. The sender gets <see cref="LinesCollected"/>.
/// </summary>
public sealed record CollectLines(string Job, int Slot, IReadOnlyCollection<ulong> Hashes, bool All, object Tag);

public sealed record LinesCollected(IReadOnlyList<TargetLines> Lines, object Tag);

/// <summary>The series that a target exposes, as raw text without values, packed. Only the pools look inside.</summary>
public readonly record struct TargetLines(ulong TargetHash, byte[] Packed);
