using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class DeadLetterTests() : TestKit(settings => settings with
{
    DeadLettersLogged = 3,
    DeadLetterWindow = TimeSpan.FromMinutes(1),
    BoundedMailboxes = new Dictionary<string, int> { ["small"] = 2 },
    DeadLettersUnlogged = new HashSet<Type> { typeof(Version) },
})
{
    [Fact]
    public async Task Tell_ToAStoppedActor_IsADeadLetter()
    {
        var actor = CreateTestProbe("gone").Ref;
        await actor.GracefulStop(Timeout.InfiniteTimeSpan);
        Sys.EventStream.Subscribe<DeadLetter>(TestActor);
        actor.Tell("text", TestActor);
        Assert.Equal(new DeadLetter("text", TestActor, actor), ExpectMsg<DeadLetter>());
    }

    [Fact]
    public async Task Identify_OfAStoppedActor_IsAnsweredWithoutASubject()
    {
        var actor = CreateTestProbe("gone").Ref;
        await actor.GracefulStop(Timeout.InfiniteTimeSpan);
        actor.Tell(new Identify("who"), TestActor);
        Assert.Equal(new ActorIdentity("who", null), ExpectMsg<ActorIdentity>());
    }

    [Fact]
    public void Log_OfManyDeadLetters_IsLimitedInEachWindow()
    {
        for (var i = 0; i < 10; i++)
        {
            Sys.DeadLetters.Tell(i, ActorRefs.NoSender);
        }

        Assert.Equal(3, Log.Lines.Count(l => l.Message.Contains("was not delivered", StringComparison.Ordinal)));
        TestScheduler.Advance(TimeSpan.FromMinutes(1));
        Sys.DeadLetters.Tell("in the next window", ActorRefs.NoSender);
        Assert.Contains(Log.Lines, l => l.Message.StartsWith("7 of 10 dead letters", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_OfWhatNobodyMisses_HasNoLine()
    {
        var actor = CreateTestProbe("gone").Ref;
        await actor.GracefulStop(Timeout.InfiniteTimeSpan);
        Sys.EventStream.Subscribe<DeadLetter>(TestActor);
        actor.Tell("its own", actor);
        actor.Tell(new Version(1, 2), TestActor);
        actor.Tell(PoisonPill.Instance, TestActor);
        Assert.Equal(["its own", "1.2", "PoisonPill"], Enumerable.Range(0, 3).Select(_ => $"{ExpectMsg<DeadLetter>().Message}"));
        Assert.DoesNotContain(Log.Lines, line => line.Message.Contains("was not delivered", StringComparison.Ordinal));

        actor.Tell("another's", TestActor);
        ExpectMsg<DeadLetter>();
        Assert.Single(Log.Lines, line => line.Message.StartsWith("Message String from akka://test/user/testActor to akka://test/user/gone", StringComparison.Ordinal));
    }

    [Fact]
    public void BoundedMailbox_WhenFull_SendsToDeadLetters()
    {
        Sys.EventStream.Subscribe<DeadLetter>(TestActor);
        var gate = new ManualResetEventSlim();
        var blocked = new ManualResetEventSlim();
        var actor = Sys.ActorOf(Props.Create(() => new Blocking(blocked, gate)).WithMailbox("small"));
        actor.Tell("block");
        blocked.Wait(Patience);
        for (var i = 0; i < 5; i++)
        {
            actor.Tell(i);
        }

        Assert.Equal([2, 3, 4], Enumerable.Range(0, 3).Select(_ => (int)ExpectMsg<DeadLetter>().Message));
        gate.Set();
    }

    [Fact]
    public void Stop_WithMessagesWaiting_MakesThemDeadLetters()
    {
        Sys.EventStream.Subscribe<DeadLetter>(TestActor);
        var gate = new ManualResetEventSlim();
        var blocked = new ManualResetEventSlim();
        var actor = Sys.ActorOf(Props.Create(() => new Blocking(blocked, gate)));
        actor.Tell("block");
        blocked.Wait(Patience);
        actor.Tell("never handled");
        Sys.Stop(actor);
        gate.Set();
        Assert.Equal("never handled", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void SystemMessages_GoBeforeWaitingMessages()
    {
        var gate = new ManualResetEventSlim();
        var blocked = new ManualResetEventSlim();
        var actor = Watch(Sys.ActorOf(Props.Create(() => new Blocking(blocked, gate)), "a"));
        actor.Tell("block");
        blocked.Wait(Patience);
        for (var i = 0; i < 100; i++)
        {
            actor.Tell("block");
        }

        Assert.Equal(100, Sys.Inspect("/user/a")!.MailboxLength);
        Sys.Stop(actor);
        gate.Set();
        ExpectTerminated(actor);
    }

    private sealed class Blocking : ReceiveActor
    {
        public Blocking(ManualResetEventSlim blocked, ManualResetEventSlim gate)
        {
            Receive<string>(_ =>
            {
                blocked.Set();
                gate.Wait(Patience);
            });
            Receive<int>(_ => { });
        }
    }
}
