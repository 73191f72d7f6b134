using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class AsyncHandlerTests : TestKit
{
    [Fact]
    public void ReceiveAsync_HoldsTheNextMessageBackUntilItsTaskEnds()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = Sys.ActorOf(Props.Create(() => new Awaiting(gate.Task)));
        actor.Tell("await", TestActor);
        actor.Tell("next", TestActor);
        ExpectMsg("before");
        ExpectNoMsgAfter();
        gate.SetResult();
        ExpectMsg("after");
        ExpectMsg("next");
    }

    [Fact]
    public void ReceiveAsync_ContextSelfAndSender_HoldAfterEachAwait()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = Sys.ActorOf(Props.Create(() => new Awaiting(gate.Task)));
        var probe = CreateTestProbe();
        probe.Send(actor, "context");
        gate.SetResult();
        for (var i = 0; i < 3; i++)
        {
            var (self, sender) = probe.ExpectMsg<(IActorRef, IActorRef)>();
            Assert.Equal(actor, self);
            Assert.Equal(probe.Ref, sender);
        }
    }

    [Fact]
    public void Stop_DuringAnAsynchronousHandler_WaitsForItsEnd()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = Watch(Sys.ActorOf(Props.Create(() => new Awaiting(gate.Task))));
        actor.Tell("await", TestActor);
        ExpectMsg("before");
        Sys.Stop(actor);
        ExpectNoMsgAfter();
        gate.SetResult();
        ExpectMsg("after");
        ExpectTerminated(actor);
    }

    [Theory]
    [InlineData("fail after await")]
    [InlineData("fail at once")]
    public void ReceiveAsync_ThatThrows_GoesToSupervision(string how)
    {
        var actor = Sys.ActorOf(Props.Create(() => new Awaiting(Task.CompletedTask)), "a");
        actor.Tell(how, TestActor);
        actor.Tell("next", TestActor);
        ExpectMsg("next");
        Assert.Equal(how, Sys.Inspect("/user/a")!.LastFailure!.Cause.Message);
        Assert.Equal(1, Sys.Inspect("/user/a")!.Restarts);
    }

    [Fact]
    public void Context_OutsideTheActorsTurn_IsRefused()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Awaiting(Task.CompletedTask)));
        actor.Tell("escape", TestActor);
        ExpectMsg<NotSupportedException>();
    }

    private sealed class Awaiting : ReceiveActor
    {
        public Awaiting(Task gate)
        {
            ReceiveAsync<string>(s => s == "await", async _ =>
            {
                Sender.Tell("before");
                await gate;
                Sender.Tell("after");
            });
            ReceiveAsync<string>(s => s == "context", async _ =>
            {
                await gate;
                Sender.Tell((Context.Self, Context.Sender));
                await Task.Yield();
                Sender.Tell((Self, Sender));
                await Task.Run(static () => { });
                Sender.Tell((Self, Sender));
            });
            ReceiveAsync<string>(s => s == "fail after await", async s =>
            {
                await Task.Yield();
                throw new InvalidOperationException(s);
            });
            ReceiveAsync<string>(s => s == "fail at once", s => Task.FromException(new InvalidOperationException(s)));
            Receive<string>(s => s == "escape", _ => Task.Run(() => (object)Context).PipeTo(Sender, failure: e => e));
            Receive<string>(s => Sender.Tell(s));
        }
    }
}
