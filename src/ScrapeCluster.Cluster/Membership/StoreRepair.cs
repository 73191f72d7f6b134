using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// What a leader writes into a store that went back: the rows that the cluster lives by, under versions above all that anybody has read, so that nothing moves.
/// Rows that only the store has stay as they are there. Pure.
/// </summary>
internal static class StoreRepair
{
    /// <param name="held">This leader's own rows; may be fewer than the others' when it has just started.</param>
    /// <param name="claimed">The highest version that anybody says to have read.</param>
    /// <param name="settled">Moves that took effect before this are over: nothing is owed or awaited any more.</param>
    public static LeaderCommit Of(ClusterView store, KnownAssignments held, IEnumerable<KnownAssignments> others, long epoch, long claimed, DateTimeOffset settled)
    {
        var newest = others.Append(held).Append(AssignmentMessages.Write(store.AssignmentVersion, 0, [])).MaxBy(known => (known.Version, known.Epoch))!;
        var rows = store.Changed.ToDictionary(row => row.Slot);
        foreach (var row in newest.Rows.Select(AssignmentMessages.Read))
        {
            rows[row.Slot] = row;
        }

        var restored = $"the store had gone back to version {store.AssignmentVersion}; rows as of version {newest.Version} were written again";
        return new LeaderCommit(epoch, store.AssignmentVersion)
        {
            AtLeastVersion = Math.Max(claimed, newest.Version) + 1,
            Assignments = [.. rows.Values.OrderBy(row => row.Slot).Select(row => row.EffectiveAt < settled ? row with { Previous = "" } : row)],
            Events = [new ClusterEvent(0, default, "repair", "store", restored, store.Lease.Holder, epoch)],
        };
    }
}
