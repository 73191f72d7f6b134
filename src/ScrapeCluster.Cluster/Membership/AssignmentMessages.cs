using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>Assignment rows as they travel between nodes and lie in the local file.</summary>
internal static class AssignmentMessages
{
    public static KnownAssignments Write(ClusterPicture picture, long epoch) => Write(picture.AssignmentVersion, epoch, picture.Assignments.Values);

    public static KnownAssignments Write(long version, long epoch, IEnumerable<Assignment> rows)
    {
        var known = new KnownAssignments { Version = version, Epoch = epoch };
        known.Rows.AddRange(rows.Select(Write));
        return known;
    }

    public static Assignment Read(AssignmentMessage row) => new(
        new SlotKey(new BucketKey(row.Slot.Job, row.Slot.Bucket), row.Slot.Slot), row.Slot.Count, row.Owner, row.Previous,
        DateTimeOffset.FromUnixTimeMilliseconds(row.EffectiveAtMs), row.Epoch, row.Version, row.Reason);

    private static AssignmentMessage Write(Assignment row) => new()
    {
        Slot = new SlotMessage { Job = row.Slot.Bucket.Job, Bucket = row.Slot.Bucket.Bucket, Slot = row.Slot.Slot, Count = row.Count },
        Owner = row.Owner,
        Previous = row.Previous,
        EffectiveAtMs = row.EffectiveAt.ToUnixTimeMilliseconds(),
        Epoch = row.Epoch,
        Version = row.Version,
        Reason = row.Reason,
    };
}
