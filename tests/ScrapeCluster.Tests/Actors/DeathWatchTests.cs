using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class DeathWatchTests : TestKit
{
    private readonly TestProbe _probe;

    public DeathWatchTests() => _probe = CreateTestProbe();

    [Fact]
    public void Watch_OfAStoppedActor_AnswersAtOnce()
    {
        var actor = Start("a");
        Watch(actor);
        Sys.Stop(actor);
        Assert.True(ExpectTerminated(actor).ExistenceConfirmed);

        Watch(actor);
        Assert.False(ExpectTerminated(actor).ExistenceConfirmed);
    }

    [Fact]
    public void Terminated_Unhandled_IsADeathPact()
    {
        var watched = Start("b");
        var watcher = Sys.ActorOf(Recorder.Props(new Recorder.Settings(_probe) { HandlesTerminated = false }), "a");
        Watch(watcher);
        watcher.Tell(new Recorder.Watch(watched));
        Barrier(watcher);
        Sys.Stop(watched);
        ExpectTerminated(watcher);
        Assert.Contains(Log.Lines, l => l.Cause is DeathPactException);
    }

    [Fact]
    public void Unwatch_WithTerminatedAlreadyQueued_TakesItBack()
    {
        var watched = Start("b");
        var gate = new ManualResetEventSlim();
        var watcher = Sys.ActorOf(Props.Create(() => new Watcher(watched, gate, TestActor)));
        Barrier(watcher);
        watcher.Tell("unwatch after gate");
        Watch(watched);
        Sys.Stop(watched);
        ExpectTerminated(watched);
        gate.Set();
        ExpectNoMsgAfter(watcher);
    }

    [Fact]
    public void WatchWith_SendsTheGivenMessage()
    {
        var watched = Start("b");
        var watcher = Sys.ActorOf(Props.Create(() => new WatchingWith(watched, TestActor)));
        Barrier(watcher);
        Sys.Stop(watched);
        ExpectMsg("it is gone");
        Assert.Equal(watched, LastSender);
    }

    [Fact]
    public void Stop_IsDoneAfterAllChildrenHaveStopped()
    {
        var actor = Start("a");
        actor.Tell("child:b", TestActor);
        var child = ExpectMsg<IActorRef>();
        child.Tell("child:c", TestActor);
        ExpectMsg<IActorRef>();
        _probe.ExpectMsg("b: PreStart");
        _probe.ExpectMsg("c: PreStart");

        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);
        _probe.ExpectMsg("c: PostStop");
        _probe.ExpectMsg("b: PostStop");
        _probe.ExpectMsg("a: PostStop");
    }

    [Fact]
    public void Name_AfterTerminated_IsFreeAgain()
    {
        for (var i = 0; i < 200; i++)
        {
            var actor = Sys.ActorOf(Recorder.Props(new Recorder.Settings(_probe)), "again");
            Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Recorder.Props(new Recorder.Settings(_probe)), "again"));
            Watch(actor);
            Sys.Stop(actor);
            ExpectTerminated(actor);
        }
    }

    [Fact]
    public void References_ToTwoIncarnations_AreNotEqual()
    {
        var first = Start("a");
        Watch(first);
        Sys.Stop(first);
        ExpectTerminated(first);
        var second = Sys.ActorOf(Recorder.Props(new Recorder.Settings(_probe)), "a");
        Assert.NotEqual(first, second);
        Assert.Equal(first.Path, second.Path);
        Assert.NotEqual(0, first.CompareTo(second));
    }

    [Fact]
    public async Task GracefulStop_AnswersWhenStopped()
    {
        var actor = Start("a");
        Assert.True(await actor.GracefulStop(Timeout.InfiniteTimeSpan));
        Assert.True(await actor.GracefulStop(Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public async Task GracefulStop_OfAnActorThatStays_IsCancelled()
    {
        var actor = Start("a");
        var stop = actor.GracefulStop(TimeSpan.FromSeconds(3), "no stop message");
        TestScheduler.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<TaskCanceledException>(() => stop.WaitAsync(Patience));
    }

    [Fact]
    public async Task Terminate_StopsEverythingAndRunsTheRegisteredActions()
    {
        var actor = Start("a");
        var ran = false;
        Sys.RegisterOnTermination(() => ran = true);
        await Sys.Terminate().WaitAsync(Patience);
        Assert.True(ran);
        actor.Tell("late");
        Assert.Throws<IllegalActorStateException>(() => Sys.ActorOf(Recorder.Props(new Recorder.Settings(_probe))));
    }

    private IActorRef Start(string name)
    {
        var actor = Sys.ActorOf(Recorder.Props(new Recorder.Settings(_probe) { Name = name }), name);
        _probe.ExpectMsg($"{name}: PreStart");
        return actor;
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef watched, ManualResetEventSlim gate, IActorRef reportTo)
        {
            Context.Watch(watched);
            Receive<string>(_ =>
            {
                gate.Wait(Patience);
                Context.Unwatch(watched);
            });
            Receive<Terminated>(t => reportTo.Tell(t));
        }
    }

    private sealed class WatchingWith : ReceiveActor
    {
        public WatchingWith(IActorRef watched, IActorRef reportTo)
        {
            Context.WatchWith(watched, "it is gone");
            ReceiveAny(m => reportTo.Forward(m));
        }
    }
}
