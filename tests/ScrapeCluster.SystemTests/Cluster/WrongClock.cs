using ScrapeCluster.SystemTests.Cluster.Rig;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>A node whose own clock is five minutes ahead: it says so, scrapes its share, and stores the cluster's time.</summary>
internal static class WrongClock
{
    public static readonly IReadOnlyDictionary<string, string> Environment = new Dictionary<string, string> { ["SCRAPECLUSTER_CLUSTER_CLOCK_OFFSET"] = "5m" };
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    public static async Task AssertHarmlessAsync(TestCluster cluster, ClusterNode node)
    {
        await Wait.Until("it to warn of its clock", Deadline, () => node.Complains("clock"), node.Tail);
        Assert.Contains(cluster.Judge.Owners(cluster.Now), owner => owner.Value == node.Address);
        Assert.All(await LastScrapesAsync(node), at => Assert.InRange(at, DateTimeOffset.UtcNow - Deadline, DateTimeOffset.UtcNow + TimeSpan.FromSeconds(1)));
    }

    /// <summary>As this node tells of the targets of all.</summary>
    private static async Task<IReadOnlyList<DateTimeOffset>> LastScrapesAsync(ClusterNode node)
    {
        var targets = (await node.Process.DataAsync("/api/v1/targets?state=active")).GetProperty("activeTargets");
        return [.. targets.EnumerateArray().Select(target => target.GetProperty("lastScrape").GetDateTimeOffset())];
    }
}
