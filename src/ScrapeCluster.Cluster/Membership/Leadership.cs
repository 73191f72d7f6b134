namespace ScrapeCluster.Cluster.Membership;

/// <summary>The lifeline's word on who leads, for those who are made before the lifeline is.</summary>
public sealed class Leadership : ILeadership
{
    private volatile ILeadership? _lifeline;

    public long? EpochNow => _lifeline?.EpochNow;

    internal void Follow(ILeadership? lifeline) => _lifeline = lifeline;
}
