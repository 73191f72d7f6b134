using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Store;

/// <summary>One decision of the leader, written whole or not at all.</summary>
/// <param name="Epoch">The leader's lease; another epoch in the store refuses the commit.</param>
/// <param name="ExpectedVersion">The assignment version that the decision was made on.</param>
public sealed record LeaderCommit(long Epoch, long ExpectedVersion)
{
    public IReadOnlyList<MemberChange> Members { get; init; } = [];

    /// <summary>Whole sets, replacing those of the same job, bucket and count.</summary>
    public IReadOnlyList<StoredTargetSet> TargetSets { get; init; } = [];

    /// <summary>Rows to write; epoch and version are set by the store.</summary>
    public IReadOnlyList<Assignment> Assignments { get; init; } = [];

    /// <summary>Buckets whose rows and sets go: jobs that ended, counts that were split.</summary>
    public IReadOnlyList<BucketRef> Removed { get; init; } = [];

    /// <summary>Rows of buckets that go on, which nobody needs any more: every member has read that they have no owner.</summary>
    public IReadOnlyList<SlotKey> Forgotten { get; init; } = [];

    public IReadOnlyList<ClusterEvent> Events { get; init; } = [];

    /// <summary>The assignment version is this at least afterwards, with rows or without: the store went back, and members have read so far.</summary>
    public long AtLeastVersion { get; init; }

    /// <summary>
    /// Whether it makes a new assignment version: all but a mere event does, so that whoever knows the version knows whether there is anything to read, sets
    /// and members included.
    /// </summary>
    public bool ChangesState => Members.Count > 0 || TargetSets.Count > 0 || Assignments.Count > 0 || Removed.Count > 0 || Forgotten.Count > 0;

    internal long VersionAfter(long present) => ChangesState || AtLeastVersion > present ? Math.Max(present + 1, AtLeastVersion) : present;
}

public sealed record MemberChange(string Node, long Incarnation, MemberState State);

public enum CommitOutcome
{
    Committed,

    /// <summary>The lease has another epoch: this leader is none any more.</summary>
    Fenced,

    /// <summary>Somebody wrote in between: read, decide again.</summary>
    Overtaken,
}

/// <param name="Version">The assignment version afterwards; unchanged when the commit wrote events only.</param>
public sealed record CommitResult(CommitOutcome Outcome, long Version);
