using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <param name="Reason">For the event, such as what the stream said.</param>
internal sealed record Death(long Incarnation, string Reason);

/// <summary>All that a decision is made from.</summary>
internal sealed record Situation(ClusterTerms Terms, Ledger Ledger, NodeReports Reports, MoveQueue Moves, DateTimeOffset Now)
{
    /// <summary>Members that the rules call dead and that are not declared so yet.</summary>
    public IReadOnlyDictionary<string, Death> Deaths { get; init; } = new Dictionary<string, Death>();

    /// <summary>Members who were leaving and have declared themselves down since the last decision.</summary>
    public IReadOnlyCollection<Member> Left { get; init; } = [];

    /// <summary>Buckets that an operator wants out of quarantine.</summary>
    public IReadOnlyCollection<BucketKey> Releases { get; init; } = [];

    /// <summary>Jobs whose targets may have changed.</summary>
    public IReadOnlyCollection<EncodedJob> Jobs { get; init; } = [];

    /// <summary>Null while nobody has said which jobs there are.</summary>
    public IReadOnlyCollection<string>? Configured { get; init; }

    /// <summary>Placement may begin (<see cref="ColdStart"/>).</summary>
    public bool IsOpen { get; init; }

    /// <summary>Something changed that a plan depends on, beside what this decision changes itself.</summary>
    public bool PlanIsDue { get; init; }

    public Evening Evens { get; init; }

    /// <summary>Not yet told by any event that this node leads.</summary>
    public bool IsNewLeader { get; init; }

    /// <summary>From the decision to where members have read it, beyond the ordinary.</summary>
    public TimeSpan CommitTakes { get; init; }
}

/// <summary>
/// One decision of the leader: all that is known and not yet carried out, in one commit. Made anew from the ledger each time, so a commit that failed, or that
/// nobody knows whether it did, needs no undoing.
/// </summary>
/// <remarks>Pure.</remarks>
internal static class Decision
{
    public static Draft Make(Situation situation)
    {
        var draft = new Draft(situation.Ledger);
        if (situation.IsNewLeader)
        {
            draft.Note("leader", situation.Terms.Node, $"leads with {situation.Ledger.Members.Count} members and {situation.Ledger.Rows.Count} slots known");
        }

        MemberRulings.Apply(situation, draft);
        JobRulings.Apply(situation, draft);
        PlacementRulings.Apply(situation, draft);
        return draft;
    }
}
