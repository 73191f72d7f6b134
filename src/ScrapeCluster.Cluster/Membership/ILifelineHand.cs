namespace ScrapeCluster.Cluster.Membership;

/// <summary>The running lifeline: a thread in a node, turned by hand in tests. May be used from any thread.</summary>
internal interface ILifelineHand : ILeadership, IDisposable
{
    void Start();

    /// <summary>The holder of this epoch is known to be dead: its lease may be taken before it runs out.</summary>
    void LeaderDied(long epoch);

    /// <summary>Gives the lease up for a while: too few members can be reached from here.</summary>
    void Abstain();

    /// <summary>If this node leads or comes to lead, then under a higher epoch than this.</summary>
    void JumpAbove(long epoch);
}
