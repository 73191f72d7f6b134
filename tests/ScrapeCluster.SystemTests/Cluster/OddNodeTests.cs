using ScrapeCluster.SystemTests.Cluster.Rig;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>One node is not as the others: its disk, its secret, its name. The others do not suffer, and what is odd is said.</summary>
[Collection(ClusterFixture.Name)]
public sealed class OddNodeTests(ClusterFixture fixture)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>It scrapes on, each scrape fails visibly, and nobody else notices; with room it stores again.</summary>
    [Fact]
    public async Task DiskFull_OnlyItsOwnTargetsFail()
    {
        FaultTerms.Current.RequireFull();
        await fixture.JudgeAsync(FillAsync);
    }

    /// <summary>The short run's: the two below and above at once; neither may disturb anybody.</summary>
    [Fact]
    public async Task DiskFull_WhileStrangersAskToJoin()
    {
        FaultTerms.Current.RequireShort();
        await fixture.JudgeAsync(cluster => Task.WhenAll(StrangersAsync(cluster), FillAsync(cluster)));
    }

    private static async Task FillAsync(TestCluster cluster)
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        var own = watch.TargetsOf(ClusterFixture.NodeWithSmallDisk).Count;
        cluster.Disk!.Fill();
        try
        {
            await Wait.Until("its targets to be down, and no others", Deadline, async () => await DownAsync(cluster) == own, cluster.Tails);
            await Task.Delay(FaultTerms.Current.Cut / 2);
            Assert.Equal(own, await DownAsync(cluster));
        }
        finally
        {
            cluster.Disk.MakeRoom();
        }

        await Wait.Until("all targets to be up again", Deadline, async () => await DownAsync(cluster) == 0, cluster.Tails);
        var verdict = watch.Verdict();
        new FaultRow("disk full on one node, then room", verdict) { Moved = watch.Moved(), Ideal = 0 }.Write();
        verdict.AssertNothingMissed();
        verdict.AssertNothingDoubled();
        await watch.AssertNothingMovedAsync();
    }

    /// <summary>
    /// A node with another secret is no peer. One with another data directory is another node, whatever it calls itself; the one that lives keeps its name.
    /// </summary>
    [Fact]
    public async Task WrongSecret_AndNameOfANodeThatLives_AreGivenNothing()
    {
        FaultTerms.Current.RequireFull();
        await fixture.JudgeAsync(StrangersAsync);
    }

    private static async Task StrangersAsync(TestCluster cluster)
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        var spy = cluster.AddStranger("s1", "n6", secret: "quite another secret");
        var twin = cluster.AddStranger("s2", "n1");
        spy.Start();
        twin.Start();
        try
        {
            await Wait.Until("the first to say that its secret is wrong", Deadline, () => spy.Complains("secret"), spy.Tail);
            await Wait.Until("the second to say that its name is taken", Deadline, () => twin.Complains("n1"), twin.Tail);
            // The leader gives a newcomer its share within a second or two.
            await Task.Delay(FaultTerms.Current.Cut / 2);
        }
        finally
        {
            await spy.DisposeAsync();
            await twin.DisposeAsync();
        }

        await cluster.SettledAsync(cluster.Names);
        var verdict = watch.Verdict();
        new FaultRow("a node with a wrong secret, and a second node of one name", verdict).Write();
        verdict.AssertNothingMissed();
        verdict.AssertNothingDoubled();
        await watch.AssertNothingMovedAsync();
        Assert.All(cluster.Targets, target => Assert.DoesNotContain(target.Record.Between(watch.From, cluster.Now), arrival => arrival.From == spy.Address || arrival.From == twin.Address));
    }

    /// <summary>Its own clock is five minutes ahead; plans, instants and timestamps are the cluster's.</summary>
    [Fact]
    public async Task ClockIsWrong_ScrapesInPhaseWithRightTimestamps()
    {
        FaultTerms.Current.RequireFull();
        await fixture.JudgeAsync(WrongAsync);
    }

    private static async Task WrongAsync(TestCluster cluster)
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        var odd = cluster[watch.AnyMember()];
        Assert.Equal(0, await odd.Process.StopAsync());
        odd.Start(WrongClock.Environment);
        try
        {
            var after = await cluster.SettledAsync(cluster.Names);
            await cluster.ScrapesAsync(FaultTerms.Current.PhaseScrapes + 1, after);
            var (verdict, shift) = (watch.Verdict(), watch.Shift(after));
            new FaultRow("clock of one node wrong by 5 minutes", verdict) { Shift = shift }.Write();
            verdict.AssertNothingMissed();
            verdict.AssertNothingDoubled();
            Assert.InRange(shift, TimeSpan.Zero, Limits.Shift);
            await WrongClock.AssertHarmlessAsync(cluster, odd);
        }
        finally
        {
            Assert.Equal(0, await odd.Process.StopAsync());
            odd.Start();
        }
    }

    /// <summary>Targets that any node calls down.</summary>
    private static async Task<int> DownAsync(TestCluster cluster)
    {
        var targets = (await cluster[cluster.Names[0]].Process.DataAsync("/api/v1/targets?state=active")).GetProperty("activeTargets");
        return targets.EnumerateArray().Count(target => target.GetProperty("health").GetString() == "down");
    }
}
