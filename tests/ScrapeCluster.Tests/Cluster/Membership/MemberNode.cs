using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>One node's membership actor with a system of its own, on the clock, store and network that all nodes of a test share.</summary>
internal sealed class MemberNode : TestKitBase, IDisposable
{
    private readonly MemberCluster _cluster;
    private readonly JumpingTime _clock;

    public MemberNode(MemberCluster cluster, string name, ICoordinationStore store, Func<ClusterTerms, ClusterTerms>? terms, ILoggerFactory? loggers = null, string? directory = null)
        : this(cluster, name, store, terms, loggers, directory, new CollectingLogSink())
    {
    }

    private MemberNode(
        MemberCluster cluster, string name, ICoordinationStore store, Func<ClusterTerms, ClusterTerms>? terms, ILoggerFactory? loggers, string? directory, CollectingLogSink log)
        : base(ActorSystem.Create(name, new ActorSystemSettings { TimeProvider = cluster.Time, LogSink = log }), "news")
    {
        ActorLog = log;
        _cluster = cluster;
        _clock = new JumpingTime(cluster.Time);
        Name = name;
        var (peers, routes) = cluster.Network.Attach(name);
        var own = new ClusterTerms { Cluster = "test", Node = name, DataId = $"{name}-directory", Address = $"{name}:1" };
        Context = new ClusterContext
        {
            Terms = terms?.Invoke(own) ?? own,
            Store = store,
            Peers = peers,
            Routes = routes,
            Time = _clock,
            Board = new ClusterBoard(),
            Scraping = Gauge,
            Sending = Sending,
            DataDirectory = directory,
            EndProcess = reason => EndReasons.Add(reason),
            Metrics = new MetricsRegistry(),
            Loggers = loggers ?? NullLoggerFactory.Instance,
        };
        Sys.EventStream.Subscribe<ClusterNews>(TestActor);
        Actor = Sys.ActorOf(MembershipActor.Props(Context, (loop, report) => Lifeline = new ManualLifeline(loop, _clock, report)), "cluster");
    }

    public string Name { get; }

    public ClusterContext Context { get; }

    public ScriptedGauge Gauge { get; } = new();

    public ScriptedSending Sending { get; } = new();

    public List<string> EndReasons { get; } = [];

    /// <summary>What the actor system itself says: actors that failed, and dead letters.</summary>
    public CollectingLogSink ActorLog { get; }

    public IActorRef Actor { get; }

    public ManualLifeline Lifeline { get; private set; } = null!;

    public ClusterPicture Picture => Context.Board.Current;

    public T Expect<T>(Predicate<T>? fits = null)
        where T : ClusterNews => FishForMessage(fits ?? (static _ => true));

    /// <summary>As <see cref="Drain"/>, but up to this one: it tells that work outside the actor, which no barrier waits for, is done.</summary>
    public List<ClusterNews> DrainTo<T>(Predicate<T>? last = null)
        where T : ClusterNews
    {
        var news = new List<ClusterNews>();
        ClusterNews next;
        do
        {
            next = ExpectMsg<ClusterNews>();
            Add(next, news);
        }
        while (next is not T candidate || last?.Invoke(candidate) == false);
        Barrier(Actor);
        return news;
    }

    /// <summary>
    /// Returns when it has handled all that it was told, and nothing that it had begun beside itself is on its way. With the barrier alone the next second could
    /// pass before: a question to the thread pool that lies there for some of the test's seconds makes a node call itself sick.
    /// </summary>
    public void Rest() => AwaitCondition(() => HasEnded || (IsAtRest() && IsAtRest()));

    // Twice: the watch may have told the actor something in the meantime.
    private bool IsAtRest() => Actor.Ask<MembershipActor.UnderWay>(new MembershipActor.CountUnderWay()).WaitAsync(Patience).GetAwaiter().GetResult().Count == 0;

    private bool HasEnded => Actor is LocalActorRef { Cell.IsTerminated: true };

    /// <summary>The first news until now that fits; null when there is none. Those before it are passed over.</summary>
    public T? Look<T>(Predicate<T> fits)
        where T : ClusterNews
    {
        Barrier(TestActor);
        while (HasMessages)
        {
            if (ExpectMsg<ClusterNews>() is T news && fits(news))
            {
                return news;
            }
        }

        return null;
    }

    /// <summary>All news until now, without those that come every second.</summary>
    public List<ClusterNews> Drain()
    {
        Barrier(Actor);
        Barrier(TestActor);
        var news = new List<ClusterNews>();
        while (HasMessages)
        {
            Add(ExpectMsg<ClusterNews>(), news);
        }

        return news;
    }

    private static void Add(ClusterNews next, List<ClusterNews> news)
    {
        if (next is not (ClusterNews.MemberReported or ClusterNews.Viewed))
        {
            news.Add(next);
        }
    }

    /// <summary>As kill -9 does: peers see it at once, the store does not.</summary>
    public void Kill()
    {
        Lifeline.IsPaused = true;
        _cluster.Network.Kill(Name);
    }

    /// <summary>As if the process had been stopped for so long, and woke now.</summary>
    public void Sleep(TimeSpan time) => _clock.Jump(time);

    public void Dispose()
    {
        if (!Sys.Terminate().Wait(Patience))
        {
            throw new ExpectationFailedException($"node {Name} did not terminate within {Patience}");
        }
    }

    internal sealed class ScriptedGauge : IScrapeGauge
    {
        public long ScrapesEnded { get; set; }

        public TimeSpan? ShortestInterval { get; set; }

        public IEnumerable<TargetLoad> Loads() => [new TargetLoad("job", 0, 1, 12.5)];
    }

    /// <summary>The shared clock, whose monotonic part can be moved ahead for this node.</summary>
    private sealed class JumpingTime(TimeProvider time) : TimeProvider
    {
        private long _ahead;

        public override long TimestampFrequency => time.TimestampFrequency;

        public void Jump(TimeSpan ahead) => Interlocked.Add(ref _ahead, ahead.Ticks);

        public override long GetTimestamp() => time.GetTimestamp() + Volatile.Read(ref _ahead);

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
    }
}
