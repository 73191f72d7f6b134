using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class RestartTests : TestKit
{
    private readonly TestProbe _probe;

    public RestartTests() => _probe = CreateTestProbe();

    [Fact]
    public void Throw_ByDefault_RestartsOnTheSamePathAndGoesOnWithTheMailbox()
    {
        var actor = Start(new Recorder.Settings(_probe));
        actor.Tell("throw");
        actor.Tell("next");

        ExpectAll("a: PreRestart throw", "a: PostStop", "a: PostRestart", "a: PreStart", "a: next 2");
        Assert.Same(actor, Find("/user/a"));
    }

    [Fact]
    public void Throw_MessageThatFailed_IsNotDeliveredAgain()
    {
        var actor = Start(new Recorder.Settings(_probe));
        actor.Tell("throw");
        ExpectAll("a: PreRestart throw", "a: PostStop", "a: PostRestart", "a: PreStart");
        _probe.ExpectNoMsgAfter(actor);
        Assert.Equal(1, Sys.Inspect("/user/a")!.Restarts);
    }

    [Fact]
    public void Restart_ByDefault_StopsChildrenBeforeTheNewInstance()
    {
        var actor = Start(new Recorder.Settings(_probe));
        actor.Tell("child:b", TestActor);
        var child = ExpectMsg<IActorRef>();
        ExpectAll("b: PreStart");
        Watch(child);

        actor.Tell("throw");
        ExpectTerminated(child);
        ExpectAll("a: PreRestart throw");
        // The child is told to stop and does so beside its parent: which of the two is first is not laid down.
        Assert.Equal(["a: PostStop", "b: PostStop"], new[] { _probe.ExpectMsg<string>(), _probe.ExpectMsg<string>() }.Order(StringComparer.Ordinal));
        ExpectAll("a: PostRestart", "a: PreStart");
        Assert.Empty(Sys.Inspect("/user/a")!.Children);
    }

    [Fact]
    public void Restart_WithChildrenKept_RestartsThem()
    {
        var actor = Start(new Recorder.Settings(_probe) { KeepsChildren = true });
        actor.Tell("child:b", TestActor);
        var child = ExpectMsg<IActorRef>();
        ExpectAll("b: PreStart");

        actor.Tell("throw");
        ExpectAll("a: PreRestart throw", "a: PostRestart", "a: PreStart");
        ExpectAll("b: PreRestart ", "b: PostStop", "b: PostRestart", "b: PreStart");
        child.Tell("still");
        ExpectAll("b: still 2");
    }

    [Fact]
    public void Constructor_ThatFails_StopsTheActor()
    {
        var actor = Sys.ActorOf(Recorder.Props(new Recorder.Settings(_probe) { FailingConstructions = 1 }), "a");
        Watch(actor);
        ExpectTerminated(actor);
        Assert.IsType<InvalidOperationException>(Assert.Single(Log.Lines, l => l.Level == ActorLogLevel.Error).Cause);
    }

    [Fact]
    public void Constructor_ThatFailsOnRestart_StopsTheActor()
    {
        var settings = new Recorder.Settings(_probe);
        var actor = Start(settings);
        Watch(actor);
        settings.FailingConstructions = 1;
        actor.Tell("throw");
        ExpectTerminated(actor);
        ExpectAll("a: PreRestart throw", "a: PostStop");
        _probe.ExpectNoMsgAfter();
    }

    [Fact]
    public void Kill_ByDefault_Stops()
    {
        var actor = Start(new Recorder.Settings(_probe));
        Watch(actor);
        actor.Tell(Kill.Instance);
        ExpectTerminated(actor);
    }

    [Fact]
    public void Behaviour_AfterRestart_IsTheFirstOneAgain()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Switcher()));
        actor.Tell("switch", TestActor);
        actor.Tell("where", TestActor);
        ExpectMsg("second");
        actor.Tell("throw", TestActor);
        actor.Tell("where", TestActor);
        ExpectMsg("first");
    }

    [Fact]
    public void StashedMessages_OnRestart_ComeBackInFront()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Stasher()));
        foreach (var message in (string[])["1", "2", "throw", "3"])
        {
            actor.Tell(message, TestActor);
        }

        ExpectMsg("second incarnation 1");
        ExpectMsg("second incarnation 2");
        ExpectMsg("second incarnation 3");
    }

    private IActorRef Start(Recorder.Settings settings)
    {
        var actor = Sys.ActorOf(Recorder.Props(settings), settings.Name);
        ExpectAll($"{settings.Name}: PreStart");
        return actor;
    }

    private IActorRef Find(string path) => Sys.ActorSelection(path).ResolveOne(Timeout.InfiniteTimeSpan).WaitAsync(Patience).GetAwaiter().GetResult();

    private void ExpectAll(params ReadOnlySpan<string> reports)
    {
        foreach (var report in reports)
        {
            _probe.ExpectMsg(report);
        }
    }

    private sealed class Switcher : ReceiveActor
    {
        public Switcher()
        {
            Receive<string>(s => s == "switch", _ => Become(Second));
            Receive<string>(s => s == "where", _ => Sender.Tell("first"));
        }

        private void Second()
        {
            Receive<string>(s => s == "where", _ => Sender.Tell("second"));
            Receive<string>(_ => throw new InvalidOperationException("told to"));
        }
    }

    private sealed class Stasher : ReceiveActor, IWithUnboundedStash
    {
        public Stasher() => Receive<string>(message =>
        {
            if (message == "throw")
            {
                throw new InvalidOperationException("told to");
            }

            Stash.Stash();
        });

        public IStash Stash { get; set; } = null!;

        protected override void PostRestart(Exception reason)
        {
            base.PostRestart(reason);
            Become(() => Receive<string>(message => Sender.Tell("second incarnation " + message)));
        }
    }
}
