using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class TimerTests : TestKit
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void SingleTimer_FiresOnce()
    {
        var actor = Start();
        Run(actor, t => t.StartSingleTimer("k", "tick", Second));
        TestScheduler.Advance(Second - TimeSpan.FromMilliseconds(1));
        ExpectNoMsgAfter(actor);
        TestScheduler.Advance(TimeSpan.FromMilliseconds(1));
        ExpectMsg("tick");
        TestScheduler.Advance(10 * Second);
        ExpectNoMsgAfter(actor);
        Run(actor, t => Assert.False(t.IsTimerActive("k")));
    }

    [Fact]
    public void PeriodicTimer_KeepsItsRhythm()
    {
        var actor = Start();
        Run(actor, t => t.StartPeriodicTimer("k", "tick", 2 * Second, Second));
        TestScheduler.Advance(2 * Second);
        ExpectMsg("tick");
        TestScheduler.Advance(5 * Second);
        for (var i = 0; i < 5; i++)
        {
            ExpectMsg("tick");
        }

        ExpectNoMsgAfter(actor);
    }

    [Fact]
    public void Cancel_WithTheMessageInTheMailbox_DropsIt()
    {
        var actor = Start();
        Run(actor, t => t.StartSingleTimer("k", "tick", Second));
        var gate = Block(actor);
        Tell(actor, t => t.Cancel("k"));
        TestScheduler.Advance(Second);
        gate.Set();
        ExpectNoMsgAfter(actor);
    }

    [Fact]
    public void Start_WithTheSameKey_ReplacesTheOldTimerAndItsMessage()
    {
        var actor = Start();
        Run(actor, t => t.StartSingleTimer("k", "old", Second));
        var gate = Block(actor);
        Tell(actor, t => t.StartSingleTimer("k", "new", Second));
        TestScheduler.Advance(Second);
        gate.Set();
        ExpectNoMsgAfter(actor);
        TestScheduler.Advance(Second);
        ExpectMsg("new");
        ExpectNoMsgAfter(actor);
    }

    [Fact]
    public void Restart_EndsAllTimers()
    {
        var actor = Start();
        Run(actor, t =>
        {
            t.StartPeriodicTimer("a", "a", Second);
            t.StartSingleTimer("b", "b", Second);
        });
        actor.Tell("throw");
        Barrier(actor);
        TestScheduler.Advance(5 * Second);
        ExpectNoMsgAfter(actor);
        Run(actor, t => Assert.Empty(t.ActiveTimers));
    }

    [Fact]
    public void FiftyThousandTimers_UseOneTimerOfTheClock()
    {
        var actor = Start();
        var before = Time.TimerCount;
        Run(actor, t =>
        {
            for (var i = 0; i < 50_000; i++)
            {
                t.StartSingleTimer(i, i, TimeSpan.FromMilliseconds(1 + (i * 7919L % 50_000)));
            }
        });
        Assert.Equal(before, Time.TimerCount);
        TestScheduler.Advance(TimeSpan.FromMilliseconds(50_000));
        var last = -1L;
        for (var i = 0; i < 50_000; i++)
        {
            var due = ExpectMsg<int>() * 7919L % 50_000;
            Assert.True(due > last, $"timer due at {due} came after {last}");
            last = due;
        }
    }

    [Fact]
    public void Cancel_AfterTheQueueWasDisposed_DoesNothing()
    {
        var queue = new TimerQueue(TimeProvider.System);
        NeverDue[] entries = [.. Enumerable.Range(0, 5).Select(_ => new NeverDue(queue))];
        foreach (var entry in entries)
        {
            queue.Add(entry, TimeSpan.FromDays(1));
        }

        queue.Dispose();
        foreach (var entry in entries)
        {
            entry.Cancel();
        }

        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void ScheduleTellRepeatedly_Cancelled_Ends()
    {
        var handle = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(Second, Second, TestActor, "tick", ActorRefs.NoSender);
        TestScheduler.Advance(2 * Second);
        ExpectMsg("tick");
        ExpectMsg("tick");
        handle.Cancel();
        Assert.True(handle.IsCancellationRequested);
        TestScheduler.Advance(5 * Second);
        ExpectNoMsgAfter();
    }

    [Fact]
    public void ScheduleTellOnce_WithACancelledMark_NeverComes()
    {
        var mark = new Cancelable();
        Sys.Scheduler.ScheduleTellOnce(Second, TestActor, "no", ActorRefs.NoSender, mark);
        Sys.Scheduler.ScheduleTellOnce(Second, TestActor, "yes", ActorRefs.NoSender);
        mark.Cancel();
        TestScheduler.Advance(Second);
        ExpectMsg("yes");
        ExpectNoMsgAfter();
    }

    [Fact]
    public void ReceiveTimeout_ComesAfterSilenceOnly_AndAgain()
    {
        var actor = Start();
        actor.Tell(10 * Second);
        Barrier(actor);
        TestScheduler.Advance(9 * Second);
        Barrier(actor);
        TestScheduler.Advance(9 * Second);
        ExpectNoMsgAfter(actor);
        TestScheduler.Advance(10 * Second);
        ExpectMsg("silence");
        TestScheduler.Advance(10 * Second);
        ExpectMsg("silence");
    }

    private IActorRef Start() => Sys.ActorOf(Props.Create(() => new Ticker(TestActor)), "ticker");

    private void Run(IActorRef actor, Action<ITimerScheduler> action)
    {
        Tell(actor, action);
        Barrier(actor);
        Assert.Null(Sys.Inspect(actor.Path.ToStringWithoutAddress())!.LastFailure?.Cause as Xunit.Sdk.XunitException);
    }

    private static void Tell(IActorRef actor, Action<ITimerScheduler> action) => actor.Tell(action, ActorRefs.NoSender);

    private static ManualResetEventSlim Block(IActorRef actor)
    {
        var gate = new ManualResetEventSlim();
        var blocked = new ManualResetEventSlim();
        Tell(actor, _ =>
        {
            blocked.Set();
            gate.Wait(Patience);
        });
        blocked.Wait(Patience);
        return gate;
    }

    private sealed class Ticker : ReceiveActor, IWithTimers
    {
        public Ticker(IActorRef reportTo)
        {
            Receive<Action<ITimerScheduler>>(action => action(Timers));
            Receive<TimeSpan>(timeout => SetReceiveTimeout(timeout));
            Receive<ReceiveTimeout>(_ => reportTo.Tell("silence"));
            Receive<string>(s => s == "throw", _ => throw new InvalidOperationException("told to"));
            ReceiveAny(m => reportTo.Tell(m));
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }

    private sealed class NeverDue(TimerQueue queue) : TimerEntry(queue)
    {
        internal override TimeSpan? Fire(TimeSpan now) => null;
    }
}
