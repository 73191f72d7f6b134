namespace ScrapeCluster.Model;

/// <summary>
/// The due times that are this node's: from <paramref name="From"/> on, before <paramref name="Until"/>, in cluster time. A scrape belongs to whoever owns its
/// due time, so two nodes that know the same instant of a hand-over neither miss nor double one.
/// </summary>
public readonly record struct TargetWindow(DateTimeOffset From, DateTimeOffset Until)
{
    public static readonly TargetWindow Always = new(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    public bool Owns(DateTimeOffset due) => due >= From && due < Until;
}
