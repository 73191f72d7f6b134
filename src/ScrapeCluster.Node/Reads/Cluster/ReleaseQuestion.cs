using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>Told to the leader: a bucket's quarantine is over.</summary>
internal sealed class ReleaseQuestion() : JsonQuestion<ReleaseStatus>("release", ClusterApiJson.Default.ReleaseStatus)
{
    /// <summary>Jobs may be called anything, so the number comes first.</summary>
    public static string Asked(BucketKey bucket) => $"{bucket.Bucket} {bucket.Job}";

    protected override async ValueTask<ReleaseStatus> AnswerAsync(NodeContext node, string asked, CancellationToken cancellation)
    {
        var blank = asked.IndexOf(' ', StringComparison.Ordinal);
        if (blank < 0 || !int.TryParse(asked.AsSpan(0, blank), out var number))
        {
            throw new InvalidDataException($"\"{asked}\" names no bucket");
        }

        var bucket = new BucketKey(asked[(blank + 1)..], number);
        var rows = await LeadersPlan.AskAsync<IReadOnlyList<Assignment>>(node, node.Cluster?.Release is { } release ? stop => release(bucket, stop) : null, cancellation);
        return new ReleaseStatus(
            bucket.Job, bucket.Bucket, [.. rows.Select(row => new ReleasedSlot(row.Slot.Slot, row.Owner))], rows.Count == 0 ? $"{bucket} is not in quarantine" : TextOf(bucket, rows));
    }

    private static string TextOf(BucketKey bucket, IReadOnlyList<Assignment> rows)
    {
        var owners = rows.Where(row => row.Owner.Length > 0).Select(row => row.Owner).Distinct().ToList();
        return owners.Count == 0
            ? $"{bucket} is out of quarantine; no node can take it now, and one does when it can"
            : $"{bucket} is out of quarantine and goes to {string.Join(" and ", owners)}; should that die of it, it is in quarantine again at once";
    }
}
