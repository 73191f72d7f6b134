using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>
/// Whether a bucket may have killed its owner. It is suspected when the node died soon after taking it: within two scrapes of all its targets. Two in a row, and it
/// is placed nowhere until an operator releases or pins it, or <see cref="ReleaseAfter"/> has passed; the suspicion stays then, so that the third death needs no fourth.
/// Pure, and from the row alone, so that it survives a change of leader.
/// </summary>
internal static class Suspicion
{
    public static readonly TimeSpan ReleaseAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Start = TimeSpan.FromSeconds(10);

    /// <param name="applied">Newest version that the dead node had acted on: it cannot have died of a row that it never read.</param>
    public static bool DiedSoon(Assignment row, long applied, TimeSpan slowestInterval, DateTimeOffset now) =>
        applied >= row.Version && now - row.EffectiveAt <= Start + (2 * slowestInterval);

    public static bool IsOver(Assignment quarantined, DateTimeOffset now) => now - quarantined.EffectiveAt >= ReleaseAfter;
}
