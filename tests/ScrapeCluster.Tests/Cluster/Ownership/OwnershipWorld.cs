using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Ownership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Cluster.Targets;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Cluster.Ownership;

/// <summary>Nodes with the real OwnershipActor on one store, a scripted network and scripted pools, under a clock that the test moves. The test is the leader.</summary>
internal sealed class OwnershipWorld : IDisposable
{
    public const string Job = "web";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly ActorSystem _system;
    private readonly ILifeline _lifeline;
    private long _setVersion;

    public OwnershipWorld(params string[] nodes)
    {
        _system = ActorSystem.Create("test", new ActorSystemSettings { TimeProvider = Time, LogSink = new CollectingLogSink() });
        Store = new GatedStore(new InProcessStore(Time));
        Network = new ScriptedNetwork(Time);
        _lifeline = Store.OpenLifeline();
        foreach (var node in nodes)
        {
            Join(node);
        }

        var holder = Incarnation(nodes[0]);
        _lifeline.Hold(Roles.Leader, nodes[0], holder, TimeSpan.FromDays(1));
        Commit(commit => commit with { Members = [.. nodes.Select(node => new MemberChange(node, Incarnation(node), MemberState.Up))] });
    }

    public ManualTimeProvider Time { get; } = new();

    public GatedStore Store { get; }

    public ScriptedNetwork Network { get; }

    public DateTimeOffset Now => Time.GetUtcNow();

    public Node this[string node] => _nodes[node];

    public long Version { get; private set; }

    public static SlotKey Slot(int bucket = 0, int slot = 0, string job = Job) => new(new BucketKey(job, bucket), slot);

    public static ScrapeTarget Target(ulong hash, string path = "/metrics") => new()
    {
        Labels = Labels.Of(("job", Job), ("instance", $"host-{hash}")),
        AllLabels = Labels.Of(("job", Job), ("instance", $"host-{hash}")),
        DiscoveredLabels = Labels.Of(("__address__", $"host-{hash}")),
        Url = $"http://host-{hash}{path}",
        Interval = TimeSpan.FromSeconds(1),
        Timeout = TimeSpan.FromSeconds(1),
        Hash = hash,
    };

    public Assignment Row(string owner, string previous = "", int bucket = 0, int count = 1, double lead = 0, string reason = "", int slot = 0, string job = Job)
    {
        return new Assignment(Slot(bucket, slot, job), count, owner, previous, Now.AddSeconds(lead), 0, 0, reason);
    }

    public StoredTargetSet Set(IEnumerable<ScrapeTarget> targets, int bucket = 0, int count = 1, string job = Job)
    {
        var encoded = TargetSetCodec.Encode(new TargetSet([.. targets.Where(target => BucketKey.Of(target.Hash, count) == bucket)], null));
        return new StoredTargetSet(new BucketRef(new BucketKey(job, bucket), count), ++_setVersion, encoded.Checksum, encoded.Packed);
    }

    /// <summary>As the leader; nobody has read it yet.</summary>
    public void Commit(Func<LeaderCommit, LeaderCommit> decide)
    {
        var result = Store.CommitAsync(decide(new LeaderCommit(1, Version)), CancellationToken.None).Result;
        Assert.Equal(CommitOutcome.Committed, result.Outcome);
        Version = result.Version;
    }

    public void Commit(params Assignment[] rows) => Commit(commit => commit with { Assignments = rows });

    public Node Join(string name)
    {
        var answer = _lifeline.Join(new JoinRequest(name, name, $"{name}:9095", "", "", 0, 1, "", TimeSpan.FromSeconds(5)));
        Assert.Null(answer.Refusal);
        return _nodes[name] = new Node(this, name);
    }

    public void SetState(string node, MemberState state) => Commit(commit => commit with { Members = [new MemberChange(node, Incarnation(node), state)] });

    /// <summary>Every node, or the named ones, read the store.</summary>
    public void Read(params string[] nodes)
    {
        foreach (var node in nodes.Length > 0 ? nodes : [.. _nodes.Keys])
        {
            _nodes[node].Read();
        }

        Settle();
    }

    public void Advance(double seconds, Action? each = null)
    {
        for (var end = Now.AddSeconds(seconds); Now < end;)
        {
            Time.Advance(Step);
            Settle();
            each?.Invoke();
        }
    }

    /// <summary>Counts the instants at which a target is due and has no scraper, or more than one.</summary>
    public (int Missed, int Doubled) Watch(double seconds, params ulong[] hashes)
    {
        var (missed, doubled) = (0, 0);
        Advance(seconds, () =>
        {
            foreach (var hash in hashes)
            {
                var scrapers = ScrapersOf(hash).Count;
                missed += scrapers == 0 ? 1 : 0;
                doubled += scrapers > 1 ? 1 : 0;
            }
        });
        return (missed, doubled);
    }

    /// <summary>Returns when nothing more happens at this instant.</summary>
    public void Settle()
    {
        var waited = Stopwatch.StartNew();
        do
        {
            if (waited.Elapsed > TestKitBase.Patience)
            {
                throw new ExpectationFailedException($"not quiet within {waited.Elapsed}: {string.Join(", ", _nodes.Values.Select(node => $"{node.Name} {node.UnderWay()} of {Network.HeldBy(node.Name)}"))}");
            }
        }
        while (Network.Pump() || !IsQuiet() || Network.Pump());
    }

    /// <summary>Settles until something holds that is done beside the actors, at this instant.</summary>
    public void Await(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        for (Settle(); !condition(); Settle())
        {
            Assert.True(waited.Elapsed < TestKitBase.Patience, $"what was waited for is not there after {waited.Elapsed}");
        }
    }

    /// <summary>The process ends.</summary>
    public void Kill(string node)
    {
        Network.CutOff.Add(node);
        _system.Stop(_nodes[node].Actor);
        _nodes.Remove(node);
    }

    /// <summary>Who scrapes a target that is due right now.</summary>
    public IReadOnlyList<string> ScrapersOf(ulong hash) => [.. _nodes.Values.Where(node => node.Pools.Scrapes(Job, hash, Now)).Select(node => node.Name)];

    public void Dispose()
    {
        _lifeline.Dispose();
        Assert.True(_system.Terminate().Wait(TestKitBase.Patience));
    }

    private bool IsQuiet()
    {
        var isQuiet = Network.Delivering == 0;
        foreach (var node in _nodes.Values)
        {
            isQuiet &= node.UnderWay() == Network.HeldBy(node.Name);
            TestKitBase.Barrier(node.PoolsActor);
        }

        // Pools' answers were told before the barrier: the actors have them when they answer the second time.
        foreach (var node in _nodes.Values)
        {
            isQuiet &= node.UnderWay() == Network.HeldBy(node.Name);
        }

        return isQuiet && Network.Delivering == 0;
    }

    private long Incarnation(string node) => Store.ReadAsync(0, CancellationToken.None).Result.Members.Single(member => member.Node == node).Incarnation;

    private ActorSystem System => _system;

    internal sealed class Node
    {
        private readonly OwnershipWorld _world;
        private readonly KnownRows _rows = new();

        public Node(OwnershipWorld world, string name)
        {
            _world = world;
            Name = name;
            Context = new ClusterContext
            {
                Terms = new ClusterTerms { Cluster = "test", Node = name, DataId = name },
                Store = world.Store,
                Peers = world.Network.PeersOf(name),
                Routes = world.Network.RoutesOf(name),
                Time = world.Time,
                Board = new ClusterBoard(),
                Scraping = Gauge,
                Sending = Sending,
                EndProcess = static reason => throw new InvalidOperationException(reason),
                Metrics = new MetricsRegistry(world.Time),
                Loggers = NullLoggerFactory.Instance,
            };
            PoolsActor = world.System.ActorOf(Pools.MakeProps());
            Actor = world.System.ActorOf(OwnershipActor.Props(Context, PoolsActor));
        }

        public string Name { get; }

        public ClusterContext Context { get; }

        public ScriptedPools Pools { get; } = new();

        public ScriptedGauge Gauge { get; } = new();

        public ScriptedSending Sending { get; } = new() { Queues = ["q", "slow"] };

        public IActorRef PoolsActor { get; }

        public IActorRef Actor { get; }

        public OwnershipPicture Picture => Context.Ownership.Current;

        public double Doubled => Context.Metrics.Counter("scrapecluster_cluster_doubled_possible_total", "").Value;

        public double LateStarts => Context.Metrics.Counter("scrapecluster_cluster_late_starts_total", "").Value;

        public void Read()
        {
            do
            {
                var after = _rows.ReadAfter;
                var view = _world.Store.ReadAsync(after, CancellationToken.None).Result;
                Actor.Tell(new ClusterNews.Viewed(view) { Removed = _rows.Accept(view, after) }, ActorRefs.NoSender);
            }
            while (_rows.NeedsAll);
        }

        /// <summary>After a new <see cref="ClusterNews.Joined"/> the next view holds all rows.</summary>
        public void ReadFromTheStart()
        {
            _rows.Forget();
            Actor.Tell(new ClusterNews.Joined(1), ActorRefs.NoSender);
        }

        /// <summary>A view of a store that lost its target sets, but has its rows.</summary>
        public void ReadWithoutSets()
        {
            var view = _world.Store.ReadAsync(0, CancellationToken.None).Result;
            Actor.Tell(new ClusterNews.Viewed(view with { TargetSetVersions = new Dictionary<BucketRef, long>() }), ActorRefs.NoSender);
        }

        public int UnderWay() => Actor.Ask<int>(new OwnershipActor.CountUnderWay()).WaitAsync(TestKitBase.Patience).GetAwaiter().GetResult();
    }

    internal sealed class ScriptedGauge : IScrapeGauge
    {
        public List<TargetLoad> Measured { get; } = [];

        public long ScrapesEnded => 0;

        public TimeSpan? ShortestInterval => null;

        public IEnumerable<TargetLoad> Loads() => Measured;
    }
}
