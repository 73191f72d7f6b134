using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Configuration;
using ScrapeCluster.Discovery;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Scraping;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Node;

public sealed class LeadershipActorTests : TestKit
{
    private static readonly PrometheusConfig Config = new() { ScrapeConfigs = [new ScrapeConfig { JobName = "job" }] };

    private readonly Dictionary<string, TestProbe> _probes;
    private readonly Dictionary<string, string> _madeFrom = [];
    private readonly List<long> _epochs = [];

    public LeadershipActorTests()
    {
        _probes = ((string[])["coordinator", "manager", "discovery"]).ToDictionary(name => name, name => CreateTestProbe());
    }

    [Fact]
    public void Leads_StartsTheThree_EachFromTheOneBefore()
    {
        Start();

        Hear(new ClusterNews.Leads(1));

        AwaitAll();
        Assert.Equal("/user/coordinator", _madeFrom["manager"]);
        Assert.Equal("/user/manager", _madeFrom["discovery"]);
    }

    [Fact]
    public void Apply_OnALeader_IsAnsweredWithTheManagersWord()
    {
        var leadership = Start();
        Hear(new ClusterNews.Leads(1));
        AwaitAll();

        leadership.Tell(new ApplyLeaderConfig(Config), TestActor);

        Assert.Same(Config, Told<ApplyConfig>("manager").Config);
        Told<ApplyDiscovery>("discovery");
        Sys.ActorSelection("/user/manager").Tell(new Say(new ConfigApplied(["job: no"])), TestActor);
        Assert.Equal(["job: no"], ExpectMsg<LeaderConfigApplied>().Failures);
    }

    [Fact]
    public void Apply_OnAnotherNode_IsAnsweredAtOnceAndKept()
    {
        var leadership = Start();

        leadership.Tell(new ApplyLeaderConfig(Config), TestActor);

        Assert.Empty(ExpectMsg<LeaderConfigApplied>().Failures);
        Hear(new ClusterNews.Leads(1));
        AwaitAll();
        Assert.Same(Config, Told<ApplyConfig>("manager").Config);
    }

    [Fact]
    public void Apply_BeforeANodeThatIsAloneLeads_WaitsForIt()
    {
        var leadership = Start(isAlone: true);

        leadership.Tell(new ApplyLeaderConfig(Config), TestActor);
        ExpectNoMsgAfter(leadership);
        Hear(new ClusterNews.Leads(1));
        AwaitAll();
        Told<ApplyConfig>("manager");
        Told<ApplyDiscovery>("discovery");
        Sys.ActorSelection("/user/manager").Tell(new Say(new ConfigApplied([])), TestActor);

        ExpectMsg<LeaderConfigApplied>();
    }

    [Fact]
    public void LostLead_StopsTheThree_AndAnswersWhoWaits()
    {
        var leadership = Start();
        Hear(new ClusterNews.Leads(1));
        AwaitAll();
        leadership.Tell(new ApplyLeaderConfig(Config), TestActor);
        Told<ApplyConfig>("manager");
        Told<ApplyDiscovery>("discovery");

        Hear(new ClusterNews.LostLead(1));

        ExpectMsg<LeaderConfigApplied>();
        AwaitNone();
    }

    [Fact]
    public void LostLead_OfAnEarlierEpoch_ChangesNothing()
    {
        var leadership = Start();
        Hear(new ClusterNews.Leads(2));
        AwaitAll();

        Hear(new ClusterNews.LostLead(1));

        ExpectNoMsgAfter(leadership);
        Assert.NotNull(Sys.Inspect("/user/coordinator"));
    }

    [Fact]
    public void LeadsAgain_WhileAFormerPartStillEnds_WaitsForItsName()
    {
        using var gate = new ManualResetEventSlim();
        var leadership = StartWithCoordinatorThatHangs(gate);

        Hear(new ClusterNews.LostLead(1), new ClusterNews.Leads(2));
        ExpectNoMsgAfter(leadership);
        gate.Set();

        AwaitAll();
    }

    [Fact]
    public void LostAndGainedTwice_WhileAFormerPartStillEnds_StartsOnce_UnderTheLastEpoch()
    {
        using var gate = new ManualResetEventSlim();
        var leadership = StartWithCoordinatorThatHangs(gate);

        Hear(new ClusterNews.LostLead(1), new ClusterNews.Leads(2), new ClusterNews.LostLead(2), new ClusterNews.Leads(3));
        leadership.Tell(new ApplyLeaderConfig(Config), TestActor);
        ExpectMsg<LeaderConfigApplied>();
        gate.Set();

        AwaitAll();
        Assert.Same(Config, Told<ApplyConfig>("manager").Config);
        Assert.Equal([1, 3], _epochs);
    }

    [Fact]
    public void LostForGood_WhileAFormerPartStillEnds_StartsNothing()
    {
        using var gate = new ManualResetEventSlim();
        var leadership = StartWithCoordinatorThatHangs(gate);
        Hear(new ClusterNews.LostLead(1), new ClusterNews.Leads(2), new ClusterNews.LostLead(2));
        gate.Set();

        AwaitNone();
        ExpectNoMsgAfter(leadership);
        Assert.Equal([1], _epochs);
    }

    [Fact]
    public void Manager_ThatFailed_GetsConfigurationAndTargetsAgain()
    {
        var leadership = Start();
        leadership.Tell(new ApplyLeaderConfig(Config), TestActor);
        ExpectMsg<LeaderConfigApplied>();
        Hear(new ClusterNews.Leads(1));
        AwaitAll();
        Told<ApplyConfig>("manager");
        Told<ApplyDiscovery>("discovery");

        Sys.EventStream.Publish(new ManagerRestarted());
        Told<ApplyConfig>("manager");
        Told<ResendTargetSets>("discovery");

        Sys.EventStream.Publish(new DiscoveryRestarted());
        Told<ApplyDiscovery>("discovery");
    }

    [Fact]
    public void Part_ThatStopped_TakesTheOthersAlong_AndAllStartAgain()
    {
        var leadership = Start();
        Hear(new ClusterNews.Leads(1));
        AwaitAll();

        Sys.ActorSelection("/user/manager").Tell(PoisonPill.Instance, TestActor);
        AwaitNone();

        // What stopped the others begins the delay in the same turn.
        Barrier(leadership);
        TestScheduler.Advance(TimeSpan.FromSeconds(1));

        AwaitAll();
    }

    [Fact]
    public void End_StopsAll_AndNothingStartsAgain()
    {
        var leadership = Watch(Start());
        Hear(new ClusterNews.Leads(1));
        AwaitAll();

        leadership.Tell(new EndLeadership(), TestActor);

        ExpectTerminated(leadership);
        Assert.Null(Sys.Inspect("/user/coordinator"));
        Hear(new ClusterNews.Leads(2));
        Assert.Null(Sys.Inspect("/user/coordinator"));
    }

    private IActorRef Start(bool isAlone = false)
    {
        var parts = new LeaderParts(Coordinator, coordinator => Part("manager", coordinator), manager => Part("discovery", manager));
        var leadership = Sys.ActorOf(LeadershipActor.Props(parts, isAlone, NullLoggerFactory.Instance), "leadership");
        Barrier(leadership);
        return leadership;
    }

    /// <summary>It leads, and its coordinator ends only when the gate opens.</summary>
    private IActorRef StartWithCoordinatorThatHangs(ManualResetEventSlim gate)
    {
        var leadership = Start();
        Hear(new ClusterNews.Leads(1));
        AwaitAll();
        Sys.ActorSelection("/user/coordinator").Tell(new Hang(gate), TestActor);
        return leadership;
    }

    private void Hear(params ReadOnlySpan<ClusterNews> news)
    {
        foreach (var one in news)
        {
            Sys.EventStream.Publish(one);
        }
    }

    private Props Coordinator(long epoch)
    {
        _epochs.Add(epoch);
        return Part("coordinator");
    }

    private Props Part(string name, IActorRef? from = null)
    {
        _madeFrom[name] = from?.Path.ToStringWithoutAddress() ?? "";
        var listener = _probes[name].TestActor;
        return ScrapeCluster.Actors.Props.Create(() => new PartActor(listener));
    }

    private void AwaitAll()
    {
        foreach (var probe in _probes.Values)
        {
            probe.ExpectMsg<Started>();
        }
    }

    private void AwaitNone() =>
        AwaitCondition(() => Sys.Inspect("/user/coordinator") is null && Sys.Inspect("/user/manager") is null && Sys.Inspect("/user/discovery") is null);

    private T Told<T>(string name) => _probes[name].ExpectMsg<T>();

    private sealed record Started;

    private sealed record Say(object Message);

    private sealed record Hang(ManualResetEventSlim Gate);

    /// <summary>Stands for one of the leader's actors and tells what it hears.</summary>
    private sealed class PartActor(IActorRef listener) : UntypedActor
    {
        protected override void PreStart() => listener.Tell(new Started(), Self);

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Say say:
                    Context.System.ActorSelection("/user/leadership").Tell(say.Message, Self);
                    break;
                case Hang hang:
                    hang.Gate.Wait(TestContext.Current.CancellationToken);
                    break;
                default:
                    listener.Tell(message, Self);
                    break;
            }
        }
    }
}
