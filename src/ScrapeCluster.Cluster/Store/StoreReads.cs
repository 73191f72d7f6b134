namespace ScrapeCluster.Cluster.Store;

public static class StoreReads
{
    /// <summary>All members, with their last heartbeats, and the assignments above a version.</summary>
    public static Task<ClusterView> ReadAsync(this ICoordinationStore store, long afterAssignmentVersion, CancellationToken cancellation) =>
        store.ReadAsync(new ReadAfter(afterAssignmentVersion), cancellation);
}
