using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// What MembershipActor publishes on the event stream, in this order: a node joins, reads views, may lead, and may be told that it is out. A view comes every
/// second or so, and so now and then to somebody who is just ending.
/// </summary>
public abstract record ClusterNews : IDeadLetterSuppression
{
    /// <summary>This node is a member now, under a new incarnation. Views follow from the first assignment on.</summary>
    public sealed record Joined(long Incarnation) : ClusterNews;

    /// <summary>
    /// The store does not answer since this node started: scrape what it had when it ran last. Peers were asked; what they know to be another's is not in it.
    /// The ordinary news follow when the store is back, and what is not in the first view then must stop.
    /// </summary>
    /// <param name="Rows">All that are known, of every owner.</param>
    /// <param name="TargetSets">Of the slots that are this node's, as far as they were kept.</param>
    public sealed record Restored(long AssignmentVersion, IReadOnlyList<Assignment> Rows, IReadOnlyList<StoredTargetSet> TargetSets) : ClusterNews;

    /// <summary>
    /// The store was read, or heartbeats say that it is as it was. <see cref="ClusterView.Changed"/> holds the rows that are newer than in the view before; after <see cref="Joined"/> all of them.
    /// </summary>
    public sealed record Viewed(ClusterView View) : ClusterNews
    {
        /// <summary>Slots that were known and are in the store no more: their bucket's target set went, with the job or by a split.</summary>
        public IReadOnlyList<SlotKey> Removed { get; init; } = [];
    }

    /// <summary>This node leads under this epoch until <see cref="LostLead"/>. Whoever commits still asks <see cref="ILeadership.EpochNow"/> right before.</summary>
    public sealed record Leads(long Epoch) : ClusterNews;

    public sealed record LostLead(long Epoch) : ClusterNews;

    /// <summary>
    /// This node's incarnation is over by somebody else's word: stop scraping at once, write no markers, forget all rows. It joins again by itself, unless it
    /// has left.
    /// </summary>
    public sealed record Expelled(long Incarnation) : ClusterNews;

    /// <summary>The leader only: a member sent a frame over its stream.</summary>
    public sealed record MemberReported(string Node, MemberFrame Frame) : ClusterNews;

    /// <summary>The leader only: by the rules this member is dead and must be declared so.</summary>
    public sealed record MemberDied(string Node, long Incarnation, string Reason) : ClusterNews;

    /// <summary>Everybody: a member that was there is not up any more.</summary>
    public sealed record MemberGone(string Node) : ClusterNews;
}

/// <summary>On the event stream, by whoever begins to act for the leader: what was said of deaths before it listened is to be said again.</summary>
public sealed record RepeatDeaths
{
    public static readonly RepeatDeaths Instance = new();
}

/// <summary>The lifeline, as those see it who act for the leader.</summary>
public interface ILeadership
{
    /// <summary>Null unless this node leads at this very moment.</summary>
    long? EpochNow { get; }
}

/// <summary>To MembershipActor: read the store now; somebody knows that it moved on.</summary>
public sealed record ReadStore(long Version);

/// <summary>To the membership actor: end, once nothing speaks to you any more. The lease is given back; whoever wants the place handed over tells <see cref="LeaveCluster"/> before.</summary>
public sealed record EndMembership;

/// <summary>To MembershipActor: this node wants to leave. It is given nothing any more, hands over what it has, and <see cref="HasLeft"/> comes at the end.</summary>
/// <param name="KeepServing">Stays a member that is leaving, so that others still ask it for its history; else it is down once it owns nothing.</param>
public sealed record LeaveCluster(bool KeepServing = false);

/// <summary>Answer to <see cref="LeaveCluster"/>.</summary>
/// <param name="Owned">Slots that nobody took within the deadline; 0 = left in order.</param>
/// <param name="NobodyCould">No other node was there that could take any: to wait would have been of no use.</param>
public sealed record HasLeft(int Owned, bool NobodyCould = false);
