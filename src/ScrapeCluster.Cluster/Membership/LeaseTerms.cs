namespace ScrapeCluster.Cluster.Membership;

/// <param name="TimeToLive">How long a lease lasts from the moment its holder asked for it.</param>
/// <param name="Renewal">How often the holder asks again.</param>
/// <param name="Margin">The holder stops trusting the lease this much before others may take it.</param>
/// <param name="Abstention">A leader that resigned for want of members does not take the lease again for this long.</param>
public sealed record LeaseTerms(TimeSpan TimeToLive, TimeSpan Renewal, TimeSpan Margin, TimeSpan Abstention)
{
    public static readonly LeaseTerms Default = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
}
