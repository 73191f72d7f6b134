namespace ScrapeCluster.Cluster.Store;

/// <summary>What a lease is for.</summary>
public static class Roles
{
    /// <summary>Runs discovery and the manager, decides placement.</summary>
    public const string Leader = "leader";
}
