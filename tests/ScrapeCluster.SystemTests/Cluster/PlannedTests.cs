using ScrapeCluster.SystemTests.Cluster.Rig;
using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>What operators do on purpose costs no scrape: nodes that leave hand over first, nodes that join are given no more than their share.</summary>
[Collection(ClusterFixture.Name)]
public sealed class PlannedTests(ClusterFixture fixture)
{
    /// <summary>What the leader allows to nodes that are told together, but for what it takes to see it here.</summary>
    private static readonly TimeSpan JoinTogether = TimeSpan.FromMilliseconds(900);
    private static readonly TimeSpan LeaveTogether = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task RollingRestart_OfAll()
    {
        FaultTerms.Current.RequireFull();
        await fixture.JudgeAsync(async cluster =>
        {
            var watch = await FaultWatch.BeginAsync(cluster);
            foreach (var name in cluster.Names)
            {
                await RestartAsync(cluster, name);
            }

            await Limits.JudgePlannedAsync(cluster, watch, $"rolling restart of {cluster.Names.Count}", IdealMoves.OfRollingRestart(watch.Loads), cluster.Names);
        });
    }

    /// <summary>The short run's: each restart is a share out and back. The first comes back with a wrong clock.</summary>
    [Fact]
    public async Task RollingRestart_OfOneWithAWrongClock_AndOfTheLeader()
    {
        FaultTerms.Current.RequireShort();
        await fixture.JudgeAsync(RestartTwoAsync);
    }

    private static async Task RestartTwoAsync(TestCluster cluster)
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        var odd = cluster[watch.AnyMember()];
        try
        {
            await RestartAsync(cluster, odd.Name, WrongClock.Environment);
            await RestartAsync(cluster, watch.Leader.Node);
            var shares = watch.Loads.Where(node => node.Key == odd.Name || node.Key == watch.Leader.Node).ToDictionary();
            await Limits.JudgePlannedAsync(cluster, watch, "rolling restart of 2, the clock of one then wrong by 5 minutes",
                IdealMoves.OfRollingRestart(shares), cluster.Names);
            await WrongClock.AssertHarmlessAsync(cluster, odd);
        }
        finally
        {
            Assert.Equal(0, await odd.Process.StopAsync());
        }
    }

    [Fact]
    public async Task Scale_ToThree_ToFive_ToTwo_AndBack()
    {
        FaultTerms.Current.RequireFull();
        await fixture.JudgeAsync(async cluster =>
        {
            var all = cluster.Names;
            string[] three = [.. all.Take(3)];
            string[] two = [.. all.Skip(1).Take(2)];
            await ScaleAsync(cluster, "scale 5 to 3", all, three);
            await ScaleAsync(cluster, "scale 3 to 5", three, all);
            await ScaleAsync(cluster, "scale 5 to 2", all, two);
            await ScaleAsync(cluster, "scale 2 to 5", two, all);
        });
    }

    /// <summary>The short run's: it is a crash that leaves three.</summary>
    [Fact]
    public async Task KillOfTwo_ThenScale_ToFive_ToTwo()
    {
        FaultTerms.Current.RequireShort();
        await fixture.JudgeAsync(KillThenScaleAsync);
    }

    private static async Task KillThenScaleAsync(TestCluster cluster)
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        string[] victims = [watch.AnyMember(1), watch.Leader.Node];
        await CrashTests.CrashAsync(cluster, watch, CrashTests.TwoOfFiveScenario, victims);
        await ScaleAsync(cluster, "scale 3 to 5", [.. cluster.Names.Except(victims)], cluster.Names);
        await ScaleAsync(cluster, "scale 5 to 2", cluster.Names, [.. cluster.Names.Skip(1).Take(2)]);
    }

    private static async Task RestartAsync(TestCluster cluster, string name, IReadOnlyDictionary<string, string>? environment = null)
    {
        Assert.Equal(0, await cluster[name].Process.StopAsync());
        cluster[name].Start(environment);
        await cluster.SettledAsync(cluster.Names);
    }

    /// <summary>Either some leave or some come.</summary>
    private static async Task ScaleAsync(TestCluster cluster, string scenario, IReadOnlyList<string> from, IReadOnlyList<string> to)
    {
        var watch = await FaultWatch.BeginAsync(cluster);
        var before = watch.Loads.Where(node => from.Contains(node.Key)).ToDictionary();
        var leaving = from.Except(to).ToList();
        var left = cluster.Store.LeftAsync(leaving, TimeSpan.FromMinutes(1));
        var stopped = await Task.WhenAll(leaving.Select(name => cluster[name].Process.StopAsync()));
        Assert.All(stopped, exitCode => Assert.Equal(0, exitCode));
        foreach (var name in to.Except(from))
        {
            cluster[name].Start();
        }

        await cluster.SettledAsync(to);
        var steps = Steps(from, [.. await left, .. await cluster.Store.JoinedAsync(watch.LastEvent)], leaving.Count > 0 ? LeaveTogether : JoinTogether);
        await Limits.JudgePlannedAsync(cluster, watch, scenario, IdealMoves.OfSteps(before, steps), to);
    }

    /// <summary>Who is there after each change. Those who change within a moment of each other are planned for at once; on a machine under load one may be late.</summary>
    private static List<IReadOnlyCollection<string>> Steps(IReadOnlyList<string> from, IReadOnlyList<MemberChange> changes, TimeSpan together)
    {
        var members = new HashSet<string>(from, StringComparer.Ordinal);
        var steps = new List<IReadOnlyCollection<string>>();
        var last = TimeSpan.Zero;
        foreach (var (node, at) in changes)
        {
            if (steps.Count == 0 || at - last >= together)
            {
                steps.Add([]);
            }

            _ = members.Remove(node) || members.Add(node);
            (steps[^1], last) = ([.. members], at);
        }

        return steps;
    }
}
