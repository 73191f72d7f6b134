using ScrapeCluster.SystemTests.Cluster.Rig;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>
/// A cluster of three that scrapes everything twice and sends it once. The short run waits for what must come, however late, so that others may run beside it; the full one
/// also judges order and holes at the receiver.
/// </summary>
public sealed class SpeakingReplicaTests
{
    private static readonly ClusterShape Shape = new()
    {
        Nodes = ["p1", "p2", "p3"],
        Replicas = 2,
        Targets = 24,
        MoreSettings = "scrapecluster.remote-write.replicas = primary",
    };

    [Fact]
    public async Task Primary_FailsAlone_ThenDies_TheStandInSpeaks()
    {
        Assert.SkipWhen(TestCluster.Missing() is not null, TestCluster.Missing() ?? "");
        await using var cluster = await TestCluster.StartAsync(Shape);
        await cluster.Written.ReachesAsync(cluster.Targets.Count, DateTimeOffset.UtcNow);
        await FailAloneAsync(cluster);
        await DieAsync(cluster);

        // One series a target, whoever spoke.
        Assert.Equal(cluster.Targets.Count, cluster.Written.Series.Count);
        Assert.All(cluster.Written.Series, series => Assert.DoesNotContain("__replica__", series, StringComparison.Ordinal));
    }

    /// <summary>One node cannot scrape: of some targets it has slot 0, of others slot 1. The receiver goes on to get good samples of all.</summary>
    private static async Task FailAloneAsync(TestCluster cluster)
    {
        var from = DateTimeOffset.UtcNow;
        Refuse(cluster, cluster["p1"].Address);
        await cluster.Written.ReachesUpAsync(cluster.Targets.Count, from + (6 * Shape.Interval));
        Refuse(cluster, null);
        var to = DateTimeOffset.UtcNow;
        await cluster.Written.ReachesUpAsync(cluster.Targets.Count, to);
        if (FaultTerms.Current.IsFull)
        {
            cluster.Written.AssertInOrder(from);
            cluster.Written.AssertAllUp(from);
            cluster.Written.AssertNothingMissing(from, to, Shape.Interval);
        }
    }

    /// <summary>What the dead node had scraped and not sent, and what was due before somebody took over, comes from the other slot.</summary>
    private static async Task DieAsync(TestCluster cluster)
    {
        var from = DateTimeOffset.UtcNow;
        await cluster["p2"].KillAsync();
        await cluster.Written.ReachesUpAsync(cluster.Targets.Count, DateTimeOffset.UtcNow + (2 * Shape.Interval));
        cluster["p2"].Start();
        await cluster.SettledAsync(cluster.Names);
        var to = DateTimeOffset.UtcNow;
        await cluster.Written.ReachesUpAsync(cluster.Targets.Count, to);
        if (FaultTerms.Current.IsFull)
        {
            // At a seam two samples may lie almost two intervals apart.
            cluster.Written.AssertNothingMissing(from, to, 1.25 * Shape.Interval);
            cluster.Written.AssertAllUp(from);
        }
    }

    private static void Refuse(TestCluster cluster, string? address)
    {
        foreach (var target in cluster.Targets)
        {
            target.Refuses = address;
        }
    }
}
