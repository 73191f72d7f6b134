namespace ScrapeCluster.Testing;

/// <summary>
/// Base of a test class with a system of its own on a manual clock: nothing scheduled happens before
/// <see cref="TestScheduler.Advance"/>. The log is kept for looking at.
/// </summary>
public abstract class TestKit : TestKitBase, IDisposable
{
    protected TestKit()
        : this(new ManualTimeProvider(), new CollectingLogSink(), static settings => settings)
    {
    }

    protected TestKit(Func<ActorSystemSettings, ActorSystemSettings> configure)
        : this(new ManualTimeProvider(), new CollectingLogSink(), configure)
    {
    }

    private TestKit(ManualTimeProvider time, CollectingLogSink log, Func<ActorSystemSettings, ActorSystemSettings> configure)
        : base(ActorSystem.Create("test", configure(new ActorSystemSettings { TimeProvider = time, LogSink = log })), "testActor")
    {
        Log = log;
        TestScheduler = new TestScheduler(time);
    }

    public TestScheduler TestScheduler { get; }

    public ManualTimeProvider Time => TestScheduler.Time;

    public CollectingLogSink Log { get; }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !Sys.Terminate().Wait(Patience))
        {
            throw new ExpectationFailedException($"the actor system did not terminate within {Patience}");
        }
    }
}

/// <summary>The clock of a <see cref="TestKit"/>'s scheduler and timers.</summary>
public sealed class TestScheduler(ManualTimeProvider time)
{
    public ManualTimeProvider Time { get; } = time;

    /// <summary>Moves time on; what falls due is told in order, from this thread.</summary>
    public void Advance(TimeSpan span) => Time.Advance(span);
}
