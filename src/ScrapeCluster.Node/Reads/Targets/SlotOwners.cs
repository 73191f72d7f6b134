using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>Whose a target is by the rows of the store. Pure.</summary>
internal sealed class SlotOwners
{
    private readonly IReadOnlyDictionary<SlotKey, Assignment> _rows;
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public SlotOwners(IReadOnlyDictionary<SlotKey, Assignment> rows)
    {
        _rows = rows;
        foreach (var row in rows.Values)
        {
            var job = row.Slot.Bucket.Job;
            _counts[job] = Math.Max(_counts.GetValueOrDefault(job), row.Count);
        }
    }

    /// <summary>Buckets of a job; 0: it has none yet.</summary>
    public int CountOf(string job) => _counts.GetValueOrDefault(job);

    /// <summary>Null where there is no such row.</summary>
    public Assignment? RowOf(string job, ulong hash, int slot)
    {
        return CountOf(job) is > 0 and var count ? _rows.GetValueOrDefault(new SlotKey(new BucketKey(job, BucketKey.Of(hash, count)), slot)) : null;
    }

    /// <summary>The node that a row's targets are scraped by at an instant; empty: nobody.</summary>
    public static string OwnerAt(Assignment row, DateTimeOffset now)
    {
        return now < row.EffectiveAt && row.Previous.Length > 0 ? row.Previous : row.Owner;
    }
}

internal static class NodeOwners
{
    public static SlotOwners Owners(this NodeContext node) => new(node.Cluster?.Board.Current.Assignments ?? ClusterPicture.Empty.Assignments);
}
