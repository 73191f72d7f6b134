using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;

namespace ScrapeCluster.Tests.Cluster.Ownership;

/// <summary>A store that can be away, and that can hand out damaged sets.</summary>
internal sealed class GatedStore(InProcessStore inner) : StoreBehind(inner)
{
    public volatile bool IsDown;

    public Func<StoredTargetSet, StoredTargetSet> Damage { get; set; } = static set => set;

    public int SetRequests { get; private set; }

    public override async Task<IReadOnlyList<StoredTargetSet>> ReadTargetSetsAsync(IReadOnlyCollection<BucketRef>? buckets, CancellationToken cancellation)
    {
        SetRequests++;
        return IsDown
            ? throw new StoreUnavailableException("the database is away")
            : [.. (await base.ReadTargetSetsAsync(buckets, cancellation)).Select(Damage)];
    }
}
