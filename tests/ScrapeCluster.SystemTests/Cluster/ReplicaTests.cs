using ScrapeCluster.SystemTests.Cluster.Rig;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>A cluster of three that scrapes everything twice, and whose database can be slow.</summary>
[Collection(ClusterFixture.Name)]
public sealed class ReplicaTests
{
    private static readonly ClusterShape Shape = new() { Nodes = ["r1", "r2", "r3"], Replicas = 2, Targets = 60, HasFaultyDatabase = true };

    /// <summary>Each target has another scraper, in a phase of its own: with one gone no interval is without a scrape.</summary>
    [Fact]
    public async Task TwoReplicas_KillOfAnyNode_LeavesNoGapInTheUnion_AndASlowDatabaseChangesNothing()
    {
        Assert.SkipWhen(TestCluster.Missing() is not null, TestCluster.Missing() ?? "");
        await using var cluster = await TestCluster.StartAsync(Shape);

        // Both replicas are sent, each as a series of its own.
        await cluster.Written.ReachesAsync(Shape.Replicas * cluster.Targets.Count, DateTimeOffset.UtcNow);
        foreach (var name in cluster.Names.Take(FaultTerms.Current.IsFull ? cluster.Names.Count : 1))
        {
            await JudgeAsync(cluster, () => KillAsync(cluster, name));
        }

        await JudgeAsync(cluster, () => SlowAsync(cluster));
        await JudgeAsync(cluster, () => SilentAsync(cluster));
    }

    private static Task JudgeAsync(TestCluster cluster, Func<Task> scenario) => Machine.JudgeAsync(async () =>
    {
        await cluster.BeWholeAsync();
        await scenario();
    });

    private static async Task KillAsync(TestCluster cluster, string name)
    {
        var from = cluster.Now;
        await cluster[name].KillAsync();
        await cluster.SettledAsync([.. cluster.Names.Where(other => other != name)]);
        cluster[name].Start();
        await cluster.SettledAsync(cluster.Names);
        var gap = cluster.Judge.Gaps(from, cluster.Now).MaxBy(pair => pair.Value);
        new FaultRow($"R = 2: kill -9 of {name}, and back") { Remark = $"longest time without a scrape: {gap.Value.TotalSeconds:0.00} s" }.Write();

        // Reads fill a hole of one slot with the other's samples from this length on.
        Assert.True(gap.Value <= 1.5 * cluster.Shape.Interval, $"nobody asked {gap.Key} for {gap.Value.TotalSeconds:0.000} s\n{cluster.Tails()}");
    }

    private static async Task SlowAsync(TestCluster cluster)
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        cluster.DatabaseLink!.Delay(TimeSpan.FromMilliseconds(300));
        await Task.Delay(FaultTerms.Current.DatabaseDown);
        cluster.DatabaseLink.Delay(TimeSpan.Zero);
        await UntouchedAsync(cluster, watch, "database slow (300 ms a statement)");
        Assert.Equal(watch.Leader, await cluster.Store.LeaderAsync());
    }

    private static async Task SilentAsync(TestCluster cluster)
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        cluster.DatabaseLink!.FallSilent();
        await Task.Delay(FaultTerms.Current.DatabaseDown);
        cluster.DatabaseLink.Reset();
        cluster.DatabaseLink.Speak();
        await UntouchedAsync(cluster, watch, "database silent, then its connections reset");
    }

    private static async Task UntouchedAsync(TestCluster cluster, FaultWatch watch, string scenario)
    {
        await cluster.SettledAsync(cluster.Names);
        var gap = cluster.Judge.Gaps(watch.From, cluster.Now).Values.Max();
        new FaultRow(scenario) { Remark = $"longest time without a scrape: {gap.TotalSeconds:0.00} s" }.Write();
        await watch.AssertNothingMovedAsync();
        Assert.InRange(gap, TimeSpan.Zero, 1.5 * cluster.Shape.Interval);
    }
}
