using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class BehaviourTests : TestKit
{
    [Fact]
    public void BecomeStacked_AndUnbecome_ReturnToTheOldBehaviour()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Moody()));
        foreach (var message in (string[])["?", "push", "?", "push", "?", "pop", "pop", "?", "pop", "?"])
        {
            actor.Tell(message, TestActor);
        }

        ExpectMsg("calm 0");
        ExpectMsg("moody 1");
        ExpectMsg("moody 2");
        ExpectMsg("calm 0");
        ExpectMsg("calm 0");
    }

    [Fact]
    public void Unhandled_IsPublished()
    {
        Sys.EventStream.Subscribe<UnhandledMessage>(TestActor);
        var actor = Sys.ActorOf(Props.Create(() => new Moody()));
        actor.Tell(5, ActorRefs.NoSender);
        var unhandled = ExpectMsg<UnhandledMessage>();
        Assert.Equal(5, unhandled.Message);
        Assert.Equal(actor, unhandled.Recipient);
        Assert.Equal(Sys.DeadLetters, unhandled.Sender);
    }

    [Fact]
    public void Receive_OutsideConstructorAndBecome_IsRefused()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Moody()), "a");
        actor.Tell("receive now", TestActor);
        Barrier(actor);
        Assert.IsType<InvalidOperationException>(Sys.Inspect("/user/a")!.LastFailure!.Cause);
    }

    [Fact]
    public void Handlers_AreTriedInOrder()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Ordered()));
        actor.Tell("a", TestActor);
        actor.Tell("ab", TestActor);
        actor.Tell(5, TestActor);
        ExpectMsg("short");
        ExpectMsg("any string");
        ExpectMsg("anything");
    }

    [Fact]
    public void Forward_KeepsTheSender()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Forwarding(TestActor)));
        var probe = CreateTestProbe();
        probe.Send(actor, "text");
        ExpectMsg("text");
        Assert.Equal(probe.Ref, LastSender);
    }

    [Fact]
    public void New_OutsideActorOf_IsRefused() => Assert.Throws<InvalidOperationException>(() => new Moody());

    private sealed class Moody : ReceiveActor
    {
        private int _depth;

        public Moody() => Mood("calm");

        private void Mood(string name)
        {
            Receive<string>(s => s == "?", _ => Sender.Tell($"{name} {_depth}"));
            Receive<string>(s => s == "push", _ =>
            {
                _depth++;
                BecomeStacked(() => Mood("moody"));
            });
            Receive<string>(s => s == "pop", _ =>
            {
                _depth = Math.Max(0, _depth - 1);
                UnbecomeStacked();
            });
            Receive<string>(s => s == "receive now", _ => Receive<int>(_ => { }));
        }
    }

    private sealed class Ordered : ReceiveActor
    {
        public Ordered()
        {
            Receive<string>(s => s.Length == 1, _ => Sender.Tell("short"));
            Receive<string>(_ => Sender.Tell("any string"));
            ReceiveAny(_ => Sender.Tell("anything"));
        }
    }

    private sealed class Forwarding : ReceiveActor
    {
        public Forwarding(IActorRef to) => ReceiveAny(m => to.Forward(m));
    }
}
