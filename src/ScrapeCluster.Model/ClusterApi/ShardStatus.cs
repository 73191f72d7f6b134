namespace ScrapeCluster.Model.ClusterApi;

/// <summary><c>shards</c>, by job, bucket and slot.</summary>
public sealed record ShardsStatus(long AssignmentVersion, IReadOnlyList<SlotStatus> Shards);

/// <param name="Buckets">How many the job has.</param>
/// <param name="Owner">Empty: placed nowhere, see <paramref name="Reason"/>.</param>
/// <param name="Previous">The owner until <paramref name="Since"/>.</param>
/// <param name="Reason">Of the last move.</param>
/// <param name="Targets">What the owner scrapes now; null when it did not say.</param>
public sealed record SlotStatus(
    string Job,
    int Bucket,
    int Slot,
    int Buckets,
    string Owner,
    string Previous,
    DateTimeOffset? Since,
    long Epoch,
    long Version,
    string Reason,
    int? Targets,
    int? Down,
    double? SamplesPerSecond);

/// <summary>What one node scrapes of a slot.</summary>
public sealed record SlotLoad(string Job, int Bucket, int Slot, int Targets, int Down, double SamplesPerSecond);

/// <summary><c>shards/why</c>: every target that fits what was asked for.</summary>
public sealed record TargetFates(string Asked, IReadOnlyList<TargetFate> Targets);

/// <param name="Verdict">scraped, waiting, unplaced, dropped, invalid or job-failed.</param>
/// <param name="Text">The same in a sentence, with what to do about it.</param>
/// <param name="Labels">Before relabelling where it is not scraped for that.</param>
/// <param name="Hash">Hexadecimal; null where it never became a target.</param>
/// <param name="Reason">Of the last move of its slot.</param>
/// <param name="Rule">The relabelling rule that drops it, counted from 1; null otherwise.</param>
public sealed record TargetFate(
    string Verdict,
    string Text,
    string Job,
    string Url,
    IReadOnlyDictionary<string, string> Labels,
    string? Hash = null,
    int? Bucket = null,
    int? Slot = null,
    int? Buckets = null,
    string? Owner = null,
    DateTimeOffset? Since = null,
    string? Reason = null,
    string? Health = null,
    string? LastError = null,
    DateTimeOffset? LastScrape = null,
    DateTimeOffset? NextScrape = null,
    int? Rule = null);

/// <summary><c>plan</c> and the answer to <c>rebalance</c>.</summary>
/// <param name="MaxOverAverage">After the moves; 1 = perfectly even, 0 without load.</param>
/// <param name="InFlight">Moves that have begun.</param>
/// <param name="Waiting">Moves that have not.</param>
public sealed record PlanStatus(
    IReadOnlyList<MoveStatus> Moves,
    IReadOnlyList<UnplacedStatus> Unplaced,
    IReadOnlyList<NodeLoad> Loads,
    double Average,
    double MaxOverAverage,
    IReadOnlyList<MoveStatus> InFlight,
    int Waiting,
    IReadOnlyList<UnplacedStatus> Quarantined,
    IReadOnlyList<HeldBackStatus> HeldBack);

/// <summary>A node from which planned moves wait.</summary>
/// <param name="Reason">In a sentence.</param>
public sealed record HeldBackStatus(string Node, string Reason);

/// <param name="From">Empty: nobody has it.</param>
public sealed record MoveStatus(string Job, int Bucket, int Slot, string From, string To, string Reason, double SamplesPerSecond);

public sealed record UnplacedStatus(string Job, int Bucket, int Slot, string Reason);

/// <summary>The answer to <c>shards/release</c>.</summary>
/// <param name="Slots">Those that were in quarantine; none when the bucket was not.</param>
/// <param name="Text">What becomes of it, in a sentence.</param>
public sealed record ReleaseStatus(string Job, int Bucket, IReadOnlyList<ReleasedSlot> Slots, string Text);

/// <param name="Owner">Empty: nobody could take it yet.</param>
public sealed record ReleasedSlot(int Slot, string Owner);

/// <summary>One group of <c>target_sets</c>, as a source told it.</summary>
/// <param name="Targets">Their addresses, without passwords.</param>
public sealed record FoundGroup(IReadOnlyList<string> Targets, IReadOnlyDictionary<string, string> Labels, string Source);

public sealed record NodeLoad(string Node, double SamplesPerSecond);

/// <summary><c>pins</c></summary>
public sealed record PinsStatus(IReadOnlyList<PinStatus> Pins);

public sealed record PinStatus(string Job, int Bucket, string Node);
