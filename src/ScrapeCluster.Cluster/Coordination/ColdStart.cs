using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>
/// Whether placement may begin. Where a cluster runs, a new leader places at once; where all of it starts, the first node must not be given everything because
/// it was first.
/// </summary>
/// <remarks>Pure. Opened once, it stays open.</remarks>
internal sealed class ColdStart(ClusterTerms terms, bool isCold, DateTimeOffset begun)
{
    public bool IsOpen { get; private set; } = !isCold;

    /// <summary>
    /// Cold when nothing was ever placed, or when no member that was up is alive: one that is fresh in the store, which those who outlive a leader are, and those who
    /// were killed with it are not, since its lease had to expire first.
    /// </summary>
    public static ColdStart Of(ClusterTerms terms, ClusterView first, DateTimeOffset now)
    {
        var isRunning = first.Changed.Any(row => row.Owner.Length > 0)
            && first.Members.Any(member => member.State is MemberState.Up or MemberState.Leaving && member.SeenAgo <= MemberRules.FreshFor);
        return new ColdStart(terms, !isRunning, now);
    }

    public bool Open(int membersUp, DateTimeOffset now)
    {
        IsOpen |= membersUp > 0 && (membersUp >= terms.MinMembers || now - begun >= terms.StartTimeout);
        return IsOpen;
    }
}
