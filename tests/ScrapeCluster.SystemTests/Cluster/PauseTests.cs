using ScrapeCluster.SystemTests.Cluster.Rig;
using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>
/// SIGSTOP: nothing refuses, nothing answers. Silence is death after three probes and an old heartbeat; what it had is re-owned within eight seconds. When it
/// wakes it learns at its first heartbeat that it is out, and comes back as a new incarnation. What it commanded before does not take effect any more.
/// </summary>
[Collection(ClusterFixture.Name)]
public sealed class PauseTests(ClusterFixture fixture)
{
    private static readonly TimeSpan ReownedWithin = TimeSpan.FromSeconds(8);

    /// <summary>Scrapes that were due while it slept are dropped; the one that it wakes into may still go out.</summary>
    private const int DoubledAtMost = 1;

    [Fact]
    public Task Member() => fixture.JudgeAsync(async cluster =>
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        await PauseAsync(cluster, watch, "SIGSTOP of a member, then SIGCONT", watch.AnyMember(3));

        // Nobody else's word was needed.
        Assert.Equal(watch.Leader, await cluster.Store.LeaderAsync());
    });

    [Fact]
    public Task Leader_WokenUp_NoCommandOfItsOldEpochTakesEffect() => fixture.JudgeAsync(async cluster =>
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        await PauseAsync(cluster, watch, "SIGSTOP of the leader, then SIGCONT", watch.Leader.Node);

        // 1. The events: from the first word of a new leader on, none of the old.
        var events = await cluster.Store.EventsAsync(watch.LastEvent);
        var newEpoch = events.FindIndex(e => e.Epoch > watch.Leader.Epoch);
        Assert.True(newEpoch >= 0, $"nobody led after {watch.Leader}:\n{string.Join('\n', events)}");
        Assert.DoesNotContain(events.Skip(newEpoch), e => e.Epoch == watch.Leader.Epoch);

        // 2. The rows: whatever changed since is of a newer epoch.
        var before = watch.Assignments.Max(row => row.Version);
        Assert.DoesNotContain(await cluster.Store.AssignmentsAsync(), row => row.Version > before && row.Epoch <= watch.Leader.Epoch);
    });

    private static async Task PauseAsync(TestCluster cluster, FaultWatch watch, string scenario, string victim)
    {
        // 1. Silence.
        var others = cluster.Names.Where(name => name != victim).ToList();
        cluster[victim].Pause();
        var reowned = await cluster.Store.ReownedAsync([victim], watch.Assignments, TimeSpan.FromSeconds(30));
        await cluster.ScrapesAsync(3);
        if (cluster.Now - watch.From < FaultTerms.Current.Pause)
        {
            await Task.Delay(FaultTerms.Current.Pause - (cluster.Now - watch.From));
        }

        var silent = watch.Verdict();
        var again = watch.ScrapedAgain(victim);

        // 2. It wakes, learns that it is out, and joins.
        cluster[victim].Continue();
        await cluster.SettledAsync(cluster.Names);
        var verdict = watch.Verdict();
        new FaultRow(scenario, verdict)
        {
            Reowned = reowned,
            ScrapedAgain = again,
            MaxOverAverage = cluster.MaxOverAverage(cluster.Names),
        }.Write();

        var had = watch.TargetsOf(victim);
        Assert.InRange(Percentile.Of(reowned, 0.99), TimeSpan.Zero, ReownedWithin);
        silent.AssertNothingDoubled();
        verdict.AssertMissedOnly(had, (int)ReownedWithin.TotalSeconds + 1);
        verdict.AssertDoubledOnly(had, DoubledAtMost);
        Assert.InRange(cluster.MaxOverAverage(cluster.Names), 1, Limits.MaxOverAverage);
    }
}
