using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class SupervisionTests : TestKit
{
    private readonly TestProbe _probe;

    public SupervisionTests() => _probe = CreateTestProbe();

    [Fact]
    public void Resume_KeepsTheInstance()
    {
        var child = Child(new OneForOneStrategy(_ => Directive.Resume));
        child.Tell("throw");
        child.Tell("next");
        _probe.ExpectMsg("b: next 1");
    }

    [Fact]
    public void Stop_EndsTheChild()
    {
        var child = Child(new OneForOneStrategy(_ => Directive.Stop));
        child.Tell("throw");
        ExpectTerminated(child);
    }

    [Fact]
    public void Escalate_FailsTheParent()
    {
        var child = Child(new OneForOneStrategy(_ => Directive.Escalate));
        child.Tell("throw");
        ExpectTerminated(child);
        _probe.FishForMessage<string>(m => m == "a: PostRestart");
        _probe.ExpectMsg("a: PreStart");
    }

    [Fact]
    public async Task Escalate_ToAParentThatCannotRestart_StopsIt()
    {
        using var system = ActorSystem.Create("doomed", new ActorSystemSettings { LogSink = Log });
        var settings = new Recorder.Settings(_probe) { Strategy = new OneForOneStrategy(_ => Directive.Escalate) };
        var parent = system.ActorOf(Recorder.Props(settings), "a");
        parent.Tell("child:b", TestActor);
        var child = ExpectMsg<IActorRef>();
        settings.FailingConstructions = int.MaxValue;
        child.Tell("throw");
        Watch(parent);
        ExpectTerminated(parent);
        Assert.False(system.WhenTerminated.IsCompleted);
        await system.Terminate().WaitAsync(Patience);
    }

    [Fact]
    public void RetryLimit_WhenExceededInItsWindow_Stops()
    {
        var child = Child(new OneForOneStrategy(2, TimeSpan.FromMinutes(1), _ => Directive.Restart));
        child.Tell("throw");
        child.Tell("throw");
        child.Tell("alive");
        _probe.FishForMessage<string>(m => m == "b: alive 3");
        child.Tell("throw");
        ExpectTerminated(child);
    }

    [Fact]
    public void RetryLimit_AfterItsWindow_CountsAnew()
    {
        var child = Child(new OneForOneStrategy(1, TimeSpan.FromMinutes(1), _ => Directive.Restart));
        for (var i = 2; i < 5; i++)
        {
            child.Tell("throw");
            child.Tell("alive");
            _probe.FishForMessage<string>(m => m == $"b: alive {i}");
            TestScheduler.Advance(TimeSpan.FromSeconds(61));
        }
    }

    [Fact]
    public void AllForOne_RestartsTheSiblings()
    {
        var child = Child(new AllForOneStrategy(_ => Directive.Restart));
        Find("/user/a").Tell("child:c", TestActor);
        var sibling = ExpectMsg<IActorRef>();
        child.Tell("throw");
        _probe.FishForMessage<string>(m => m == "c: PostRestart");
        sibling.Tell("again");
        _probe.FishForMessage<string>(m => m == "c: again 2");
        child.Tell("again");
        _probe.FishForMessage<string>(m => m == "b: again 2");
    }

    [Fact]
    public void Decider_ThatThrows_FailsTheParent()
    {
        var child = Child(new OneForOneStrategy(_ => throw new NotSupportedException("undecided")));
        child.Tell("throw");
        _probe.FishForMessage<string>(m => m == "a: PostRestart");
    }

    [Fact]
    public void Failure_Is_InTheStatistics()
    {
        var child = Child(new OneForOneStrategy(_ => Directive.Restart));
        child.Tell("throw");
        _probe.FishForMessage<string>(m => m == "b: PostRestart");
        Barrier(child);
        var statistics = Sys.Inspect("/user/a/b")!;
        Assert.Equal(1, statistics.Restarts);
        Assert.Equal("told to", statistics.LastFailure!.Cause.Message);
        Assert.Equal(Time.GetUtcNow(), statistics.LastFailure.At);
    }

    private IActorRef Child(SupervisorStrategy strategy)
    {
        var parent = Sys.ActorOf(Recorder.Props(new Recorder.Settings(_probe) { Strategy = strategy }), "a");
        _probe.ExpectMsg("a: PreStart");
        parent.Tell("child:b", TestActor);
        var child = ExpectMsg<IActorRef>();
        _probe.ExpectMsg("b: PreStart");
        return Watch(child);
    }

    private IActorRef Find(string path) => Sys.ActorSelection(path).ResolveOne(Timeout.InfiniteTimeSpan).WaitAsync(Patience).GetAwaiter().GetResult();
}
