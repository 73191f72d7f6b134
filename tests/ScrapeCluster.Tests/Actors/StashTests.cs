using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class StashTests : TestKit
{
    [Fact]
    public void UnstashAll_PutsMessagesInFrontInTheirOrderWithTheirSenders()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Opening()));
        var probe = CreateTestProbe();
        probe.Send(actor, "1");
        probe.Send(actor, "2");
        actor.Tell("open", TestActor);
        probe.Send(actor, "3");
        probe.ExpectMsg("1");
        probe.ExpectMsg("2");
        probe.ExpectMsg("3");
    }

    [Fact]
    public void Stash_OfTheSameObjectToldTwice_KeepsBoth()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Opening()));
        const string Same = "same";
        actor.Tell(Same, TestActor);
        actor.Tell(Same, TestActor);
        actor.Tell("open", TestActor);
        ExpectMsg(Same);
        ExpectMsg(Same);
    }

    [Fact]
    public void Stash_TwiceForOneMessage_IsRefused()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Opening()));
        actor.Tell("twice", TestActor);
        ExpectMsg<IllegalActorStateException>();
    }

    [Fact]
    public void Stop_WithStashedMessages_MakesThemDeadLetters()
    {
        Sys.EventStream.Subscribe<DeadLetter>(TestActor);
        var actor = Sys.ActorOf(Props.Create(() => new Opening()));
        actor.Tell("1", TestActor);
        Barrier(actor);
        Sys.Stop(actor);
        Assert.Equal("1", ExpectMsg<DeadLetter>().Message);
    }

    private sealed class Opening : ReceiveActor, IWithUnboundedStash
    {
        public Opening()
        {
            Receive<string>(s => s == "open", _ =>
            {
                Become(() => Receive<string>(s => Sender.Tell(s)));
                Stash.UnstashAll();
            });
            Receive<string>(s =>
            {
                Stash.Stash();
                if (s == "twice")
                {
                    Sender.Tell(Record.Exception(() => Stash.Stash())!);
                }
            });
        }

        public IStash Stash { get; set; } = null!;
    }
}
