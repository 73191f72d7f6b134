using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class FirstTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Ask_OfAReceiveActor_IsAnswered()
    {
        using var system = ActorSystem.Create("test");
        var echo = system.ActorOf(Props.Create(() => new Echo()), "echo");
        Assert.Equal("akka://test/user/echo", echo.Path.ToString());
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(i, await echo.Ask<int>(i, Patience));
        }

        Assert.Equal(1, await echo.Ask<int>("async", Patience));
        await Assert.ThrowsAsync<InvalidOperationException>(() => echo.Ask<int>("fail", Patience));
        await system.Terminate().WaitAsync(Patience);
    }

    [Fact]
    public async Task Restart_OfAFailingChild_KeepsPathAndMailbox()
    {
        using var system = ActorSystem.Create("test");
        var echo = system.ActorOf(Props.Create(() => new Echo()), "echo");
        echo.Tell("throw", ActorRefs.NoSender);
        Assert.Equal(7, await echo.Ask<int>(7, Patience));
        Assert.Equal(1, system.Inspect("/user/echo")!.Restarts);
        Assert.True(await echo.GracefulStop(Patience));
        system.ActorOf(Props.Create(() => new Echo()), "echo");
    }

    [Fact]
    public async Task Timer_OnAManualClock_Ticks()
    {
        var time = new ManualTimeProvider();
        using var system = ActorSystem.Create("test", new ActorSystemSettings { TimeProvider = time });
        var ticks = new TaskCompletionSource();
        var ticker = system.ActorOf(Props.Create(() => new Ticker(ticks)), "ticker");
        Assert.Equal("started", await ticker.Ask<string>("start", Timeout.InfiniteTimeSpan));
        time.Advance(TimeSpan.FromSeconds(3));
        await ticks.Task.WaitAsync(Patience);
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo()
        {
            Receive<int>(i => Sender.Tell(i));
            Receive<string>(s => s == "throw", _ => throw new InvalidOperationException("told to"));
            Receive<string>(s => s == "fail", _ => Task.FromException<int>(new InvalidOperationException("told to")).PipeTo(Sender));
            ReceiveAsync<string>(async _ =>
            {
                await Task.Yield();
                Sender.Tell(1);
            });
        }
    }

    private sealed class Ticker : ReceiveActor, IWithTimers
    {
        private int _ticks;

        public Ticker(TaskCompletionSource done)
        {
            Receive<string>(s => s == "start", _ =>
            {
                Timers.StartPeriodicTimer("tick", "tick", TimeSpan.FromSeconds(1));
                Sender.Tell("started");
            });
            Receive<string>(s => s == "tick", _ =>
            {
                if (++_ticks == 3)
                {
                    done.SetResult();
                }
            });
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }
}
