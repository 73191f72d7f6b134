using ScrapeCluster.SystemTests.Cluster.Rig;
using ScrapeCluster.Testing.Faults;
using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>
/// A node in its network namespace loses one link or all. One witness for its life is enough: cut from the database its stream to the leader speaks for it,
/// cut from the peers its heartbeats do, and nothing moves. Cut from both it is dead to the others; since it may scrape on where its targets are reached,
/// there are doubles until it is healed, but no hole.
/// </summary>
[Collection(ClusterFixture.Name)]
public sealed class PartitionTests(ClusterFixture fixture)
{
    private static readonly TimeSpan ReownedWithin = TimeSpan.FromSeconds(8);

    /// <summary>A second is aimed at; a connection that hangs in the cut must be given up first (docs/failure-modes.md).</summary>
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(1);

    /// <summary>In the short run one is cut from the database while another is cut from its peers.</summary>
    [Fact]
    public async Task Members_CutFromOne_NothingMoves()
    {
        foreach (var links in FaultTerms.Current.Together(NodeLink.Database, NodeLink.Peers))
        {
            await fixture.JudgeAsync(async cluster =>
            {
                var watch = await FaultWatch.BeginAsync(cluster);
                await CutFromOneAsync(cluster, watch, "a member", [.. links.Select((link, i) => (watch.AnyMember(i + 1), link))]);
                Assert.Equal(watch.Leader, await cluster.Store.LeaderAsync());
            });
        }
    }

    /// <summary>It must give up: without the database its lease runs out, without the peers it resigns. Its targets stay with it.</summary>
    [Theory]
    [InlineData(NodeLink.Database)]
    [InlineData(NodeLink.Peers)]
    public Task Leader_CutFromOne_AnotherLeadsAndNothingMoves(NodeLink link) => fixture.JudgeAsync(async cluster =>
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        await CutFromOneAsync(cluster, watch, "the leader", (watch.Leader.Node, link));
        Assert.NotEqual(watch.Leader.Node, (await cluster.Store.LeaderAsync()).Node);
    });

    /// <summary>
    /// Every link cut is as a machine that lost its power: no packet comes any more, and nothing refuses. In the short run another member still reaches its targets
    /// meanwhile.
    /// </summary>
    [Fact]
    public async Task Members_CutFromDatabaseAndPeers_AreTakenOverWithinEightSeconds()
    {
        foreach (var links in FaultTerms.Current.Together(NodeLink.Database | NodeLink.Peers, NodeLink.All))
        {
            await fixture.JudgeAsync(async cluster =>
            {
                var watch = await FaultWatch.BeginAsync(cluster);
                var lost = links.Select((link, i) => new Lost(watch.AnyMember(2 * i), link)).ToList();
                await LoseAsync(cluster, watch, lost);
            });
        }
    }

    /// <summary>Whoever takes its lease knows by then that it is silent.</summary>
    [Fact]
    public Task Leader_LosesEveryLink_IsTakenOverWithinEightSeconds() => fixture.JudgeAsync(async cluster =>
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        await LoseAsync(cluster, watch, [new Lost(watch.Leader.Node, NodeLink.All)]);
        Assert.NotEqual(watch.Leader.Node, (await cluster.Store.LeaderAsync()).Node);
    });

    private static async Task LoseAsync(TestCluster cluster, FaultWatch watch, IReadOnlyList<Lost> lost)
    {
        // 1. Silence.
        foreach (var (victim, links) in lost)
        {
            cluster.Networks.Cut(victim, links);
        }

        var reowned = await Task.WhenAll(lost.Select(one => cluster.Store.ReownedAsync([one.Node], watch.Assignments, TimeSpan.FromSeconds(30))));
        await cluster.ScrapesAsync(3);
        await StayAsync(cluster, watch);
        var again = lost.Select(one => one.ReachesTargets ? null : watch.ScrapedAgain(one.Node)).ToList();
        var silent = watch.Verdict();

        // 2. They hear that they are out, and join.
        foreach (var (victim, _) in lost)
        {
            cluster.Networks.Heal(victim);
        }

        var healed = cluster.Now;
        await cluster.SettledAsync(cluster.Names);
        var verdict = watch.Verdict();
        foreach (var ((one, times), taken) in lost.Zip(reowned).Zip(again))
        {
            var own = verdict.Of(watch.TargetsOf(one.Node));
            var machine = one.Node == watch.Leader.Node ? "the leader's machine" : "a machine";
            new FaultRow(one.ReachesTargets ? "a member cut from the database and its peers, and healed" : $"{machine} lost without a packet, and healed", own)
            {
                Reowned = times,
                ScrapedAgain = taken,
                MaxOverAverage = cluster.MaxOverAverage(cluster.Names),
                Remark = one.ReachesTargets ? "doubled until it is healed: it scrapes on" : "",
            }.Write();
        }

        // 3. The verdicts: of the targets that the fault did not touch, of those that were scraped on, of those that were not.
        var had = watch.TargetsOf([.. lost.Select(one => one.Node)]);
        verdict.AssertMissedOnly(had, int.MaxValue);
        verdict.AssertDoubledOnly(had, int.MaxValue);
        Assert.All(reowned, times => Assert.InRange(Percentile.Of(times, 0.99), TimeSpan.Zero, ReownedWithin));
        foreach (var one in lost)
        {
            var targets = watch.TargetsOf(one.Node);
            if (one.ReachesTargets)
            {
                verdict.Of(targets).AssertNothingMissed();
                new FaultVerdict(cluster, cluster.Judge.Ticks(healed + StopsWithin, cluster.JudgedUntil)).Of(targets).AssertNothingDoubled();
            }
            else
            {
                silent.Of(targets).AssertNothingDoubled();
                // Until it hears that it is out it scrapes what it had; the request that hung in the cut arrives, too.
                verdict.Of(targets).AssertMissedOnly(targets, (int)ReownedWithin.TotalSeconds + 1);
                verdict.Of(targets).AssertDoubledOnly(targets, (int)StopsWithin.TotalSeconds + 1);
            }
        }
    }

    private static async Task CutFromOneAsync(TestCluster cluster, FaultWatch watch, string who, params (string Victim, NodeLink Link)[] cuts)
    {
        foreach (var (victim, link) in cuts)
        {
            cluster.Networks.Cut(victim, link);
        }

        await StayAsync(cluster, watch);
        foreach (var (victim, _) in cuts)
        {
            cluster.Networks.Heal(victim);
        }

        await cluster.SettledAsync(cluster.Names);

        var verdict = watch.Verdict();
        var what = cuts.Select(cut => $"{who} cut from {(cut.Link == NodeLink.Database ? "the database" : "its peers")} only");
        new FaultRow($"{string.Join(", ", what)}, and healed", verdict)
        {
            Moved = watch.Moved(),
            Ideal = 0,
        }.Write();
        verdict.AssertNothingMissed();
        verdict.AssertNothingDoubled();
        await watch.AssertNothingMovedAsync();
    }

    private static Task StayAsync(TestCluster cluster, FaultWatch watch)
    {
        var rest = FaultTerms.Current.Cut - (cluster.Now - watch.From);
        return rest > TimeSpan.Zero ? Task.Delay(rest) : Task.CompletedTask;
    }

    /// <summary>A member and the links that it loses.</summary>
    private sealed record Lost(string Node, NodeLink Links)
    {
        public bool ReachesTargets => !Links.HasFlag(NodeLink.Targets);
    }
}
