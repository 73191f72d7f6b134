namespace ScrapeCluster.Cluster.Ownership;

/// <summary>To OwnershipActor: the node's pools were lost, give them all plans once more.</summary>
public sealed record ResendSlotPlans;
