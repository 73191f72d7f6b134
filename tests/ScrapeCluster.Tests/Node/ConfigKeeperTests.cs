using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Discovery;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Scraping;
using ScrapeCluster.Tests.Scraping;

namespace ScrapeCluster.Tests.Node;

/// <summary>Each part is made to fail; the node must then find new targets as before.</summary>
public sealed class ConfigKeeperTests : ScrapingHarness
{
    private readonly IActorRef _leadership;
    private readonly IActorRef _keeper;

    public ConfigKeeperTests()
    {
        var settings = new DiscoverySettings { BurstInterval = TimeSpan.Zero };
        var parts = new LeaderParts(
            _ => DirectPlacementActor.Props(Pools),
            _ => ManagerActor.Props(Context, Placement),
            manager => DiscoveryActor.Props(manager, settings, new MetricsRegistry(), NullLoggerFactory.Instance, Time));
        _leadership = Sys.ActorOf(LeadershipActor.Props(parts, isAlone: true, NullLoggerFactory.Instance), "leadership");
        _keeper = Sys.ActorOf(ConfigKeeperActor.Props(Pools, Placement), "keeper");
        Barrier(_leadership);
        Barrier(_keeper);
        Sys.EventStream.Publish(new ClusterNews.Leads(1));
        Configure("host");
        AwaitTargets(1);
    }

    [Fact]
    public void Manager_ThatFailed_KnowsItsJobsAgain()
    {
        Break("/user/manager", new ApplyConfig(null!));

        AwaitCondition(() => Board.Jobs.Any(job => job.Job == "job" && job.Groups.Count == 1));
        Assert.Single(Board.ActiveTargets());
        Configure("other");
        AwaitCondition(() => Board.ActiveTargets() is [{ ScrapeUrl: "http://other/metrics" }]);
    }

    [Fact]
    public void Discovery_ThatFailed_FindsTargetsAgain()
    {
        Break("/user/discovery", new ApplyDiscovery(null!));

        AwaitCondition(() => Sys.Inspect("/user/discovery")!.Children.Count == 1);
        Configure("other");
        AwaitCondition(() => Board.ActiveTargets() is [{ ScrapeUrl: "http://other/metrics" }]);
    }

    [Fact]
    public void PoolHost_ThatFailed_HasItsPoolsAgain()
    {
        Break("/user/pools", new ApplyPoolConfig(null!));

        AwaitTargets(1);
        ScrapeOnce();
        Assert.Equal(TargetHealth.Up, Target().Health);
    }

    [Fact]
    public void Pool_ThatFailed_IsPlannedAgain()
    {
        var pool = Watch(Assert.Single(((LocalActorRef)Pools).Cell.Children()));
        pool.Tell(new PoolPlan(null!, new SlotPlan("job", 0, [], null), 0, null), TestActor);
        ExpectTerminated(pool);

        // The host hears of the end before the test does; the first answer comes after it has put Terminated into its mailbox, the second after the delay has begun.
        Barrier(Pools);
        Barrier(Pools);
        TestScheduler.Advance(TimeSpan.FromSeconds(1));

        AwaitTargets(1);
        ScrapeOnce();
        Assert.Equal(TargetHealth.Up, Target().Health);
    }

    private void Configure(string address)
    {
        var config = new PrometheusConfig
        {
            ScrapeConfigs = [Job("job") with { ServiceDiscovery = [new StaticSdConfig([new TargetGroup("0", (ValueList<Labels>)[Labels.Of(("__address__", address))], Labels.Empty)])] }],
        };
        _keeper.Tell(new KeepConfig(new ApplyPoolConfig(config)), TestActor);
        Pools.Tell(new ApplyPoolConfig(config), TestActor);
        ExpectMsg<PoolConfigApplied>();
        _leadership.Tell(new ApplyLeaderConfig(config), TestActor);
        ExpectMsg<LeaderConfigApplied>();
    }

    private void Break(string path, object poison)
    {
        Sys.ActorSelection(path).Tell(poison, TestActor);
        AwaitCondition(() => Sys.Inspect(path)!.Restarts == 1);
    }
}
