using ScrapeCluster.SystemTests.Cluster.Rig;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>
/// The database goes away and comes back: nobody is declared dead, nothing moves, nothing is missed, neither while it is gone nor on its return. The lease
/// may run out meanwhile; whoever leads then starts from what is stored.
/// </summary>
[Collection(ClusterFixture.Name)]
public sealed class DatabaseTests(ClusterFixture fixture)
{
    [Fact]
    public Task Stopped() =>
        fixture.JudgeAsync(cluster => GoneAsync(cluster, "PostgreSQL stopped", () => cluster.Database.Stop(), FaultTerms.Current.DatabaseDown));

    [Fact]
    public async Task Restarted()
    {
        FaultTerms.Current.RequireFull();
        await fixture.JudgeAsync(cluster => GoneAsync(cluster, "PostgreSQL restarted", () => cluster.Database.Stop(), TimeSpan.Zero));
    }

    [Fact]
    public Task Killed() => fixture.JudgeAsync(cluster => GoneAsync(cluster, "PostgreSQL killed -9", cluster.Database.Kill, TimeSpan.FromSeconds(2)));

    /// <summary>A node that starts meanwhile cannot join; it waits, and the others do not notice.</summary>
    [Fact]
    public async Task Stopped_AndTheLeaderIsKilled_TheOthersScrapeOn()
    {
        FaultTerms.Current.RequireFull();
        await fixture.JudgeAsync(GoneWithLeaderAsync);
    }

    private static async Task GoneWithLeaderAsync(TestCluster cluster)
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        cluster.Database.Stop();
        try
        {
            await cluster[watch.Leader.Node].KillAsync();
            await Task.Delay(FaultTerms.Current.DatabaseDown / 2);
        }
        finally
        {
            cluster.Database.Start();
        }

        await cluster.SettledAsync([.. cluster.Names.Where(name => name != watch.Leader.Node)]);
        var verdict = watch.Verdict();
        new FaultRow("PostgreSQL stopped, and the leader killed -9 meanwhile", verdict)
        {
            ScrapedAgain = watch.ScrapedAgain(watch.Leader.Node),
            Remark = "its targets wait for the database",
        }.Write();
        verdict.AssertMissedOnly(watch.TargetsOf(watch.Leader.Node), int.MaxValue);
        verdict.AssertNothingDoubled();
    }

    private static async Task GoneAsync(TestCluster cluster, string scenario, Action stop, TimeSpan down)
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        stop();
        try
        {
            await Task.Delay(down);
        }
        finally
        {
            cluster.Database.Start();
        }

        await cluster.SettledAsync(cluster.Names);
        var verdict = watch.Verdict();
        new FaultRow(scenario, verdict) { Moved = watch.Moved(), Ideal = 0 }.Write();
        verdict.AssertNothingMissed();
        verdict.AssertNothingDoubled();
        await watch.AssertNothingMovedAsync();
    }
}
