using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Discovery;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Scraping;
using ScrapeCluster.Tests.Scraping;

namespace ScrapeCluster.Tests.Node;

/// <summary>Each part is made to fail; the node must then find new targets as before.</summary>
public sealed class ConfigKeeperTests : ScrapingHarness
{
    private readonly IActorRef _discovery;
    private readonly IActorRef _keeper;

    public ConfigKeeperTests()
    {
        _discovery = Sys.ActorOf(
            DiscoveryActor.Props(Manager, new DiscoverySettings { BurstInterval = TimeSpan.Zero }, new MetricsRegistry(), NullLoggerFactory.Instance, Time), "discovery");
        _keeper = Sys.ActorOf(ConfigKeeperActor.Props(Manager, _discovery), "keeper");
        Configure("host");
        AwaitTargets(1);
    }

    [Fact]
    public void Manager_ThatFailed_KnowsItsJobsAgain()
    {
        Break("/user/manager", Manager, new ApplyConfig(null!));

        AwaitCondition(() => Board.Jobs.Any(job => job.Job == "job" && job.Groups.Count == 1));
        Assert.Single(Board.ActiveTargets());
        Configure("other");
        AwaitCondition(() => Board.ActiveTargets() is [{ ScrapeUrl: "http://other/metrics" }]);
    }

    [Fact]
    public void Discovery_ThatFailed_FindsTargetsAgain()
    {
        Break("/user/discovery", _discovery, new ApplyDiscovery(null!));

        AwaitCondition(() => Sys.Inspect("/user/discovery")!.Children.Count == 1);
        Configure("other");
        AwaitCondition(() => Board.ActiveTargets() is [{ ScrapeUrl: "http://other/metrics" }]);
    }

    [Fact]
    public void PoolHost_ThatFailed_HasItsPoolsAgain()
    {
        Break("/user/pools", Pools, new PoolPlan(null!, 0, [], 0, null));

        AwaitTargets(1);
        ScrapeOnce();
        Assert.Equal(TargetHealth.Up, Target().Health);
    }

    [Fact]
    public void Pool_ThatFailed_IsPlannedAgain()
    {
        Sys.ActorSelection("/user/pools/job@0").Tell(new PoolPlan(null!, 0, [], 0, null), TestActor);
        AwaitCondition(() => Board.ActiveTargets().Count == 0);

        AwaitCondition(() =>
        {
            TestScheduler.Advance(TimeSpan.FromMilliseconds(100));
            return Board.ActiveTargets().Count == 1;
        });
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
        _keeper.Tell(new KeepConfig(config), TestActor);
        Manager.Tell(new ApplyConfig(config), TestActor);
        ExpectMsg<ConfigApplied>();
        _discovery.Tell(ApplyDiscovery.Of(config), TestActor);
    }

    private void Break(string path, IActorRef actor, object poison)
    {
        actor.Tell(poison, TestActor);
        AwaitCondition(() => Sys.Inspect(path)!.Restarts == 1);
    }
}
