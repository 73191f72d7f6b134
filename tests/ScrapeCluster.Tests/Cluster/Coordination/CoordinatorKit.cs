using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Cluster.Targets;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Cluster.Coordination;

/// <summary>
/// A coordinator on a real store, with members that are played: they read rows, report what they hold, and follow moves as they should. Everything runs
/// when the test says so.
/// </summary>
public abstract class CoordinatorKit : TestKit
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    private readonly InProcessStore _store;
    private readonly ILifeline _life;
    private readonly ScriptedLeadership _leadership = new();
    private readonly HashSet<string> _silent = [];
    private readonly Dictionary<ulong, ulong[]> _decoded = [];

    protected CoordinatorKit()
    {
        _store = new InProcessStore(Time);
        _life = _store.OpenLifeline();
        Store = _store;
    }

    /// <summary>What the coordinator is given; a test may stand before the real one.</summary>
    protected ICoordinationStore Store { get; set; }

    private protected ScriptedPeers Peers { get; } = new();

    protected ClusterBoard Board { get; } = new();

    protected ClusterTerms Terms { get; set; } = new() { Cluster = "c", Node = "a", DataId = "d" };

    protected MetricsRegistry Metrics { get; } = new();

    protected IActorRef Coordinator { get; private set; } = ActorRefs.Nobody;

    protected long Epoch { get; private set; }

    /// <summary>Samples per second of a target, by its hash.</summary>
    protected Func<ulong, double> LoadOf { get; set; } = static _ => 100;

    /// <summary>How far the remote write of a member is behind.</summary>
    protected Dictionary<string, TimeSpan> SendLag { get; } = [];

    protected ClusterView View => _store.ReadAsync(0, default).Result;

    protected IReadOnlyList<Assignment> Rows => View.Changed;

    protected IReadOnlyList<ClusterEvent> Events => [.. _store.ReadEventsAsync(0, 10_000, default).Result.Reverse()];

    protected static ScrapeTarget Target(ulong hash, string url = "http://localhost/metrics") => new()
    {
        Labels = Name($"{hash}"),
        AllLabels = Name($"{hash}"),
        DiscoveredLabels = Name($"{hash}"),
        Url = url,
        Interval = TimeSpan.FromSeconds(1),
        Timeout = TimeSpan.FromSeconds(1),
        Hash = hash,
    };

    protected static JobTargets Job(string job, int targets, ulong first = 0) =>
        new(job, [.. Enumerable.Range(0, targets).Select(number => Target(first + (ulong)number))], null);

    /// <summary>A cluster of these, led by the first.</summary>
    protected void Start(params string[] nodes)
    {
        Join(nodes);
        Lead(nodes[0]);
        Publish();
        Publish();
    }

    protected void Join(params string[] nodes)
    {
        foreach (var node in nodes)
        {
            JoinZone(node, "");
        }
    }

    protected void JoinZone(string node, string zone, double capacity = 0)
    {
        _silent.Remove(node);
        _life.Join(new JoinRequest(node, $"dir-{node}", $"{node}:1", $"{node}:2", zone, capacity, 1, "1.0", TimeSpan.FromSeconds(10)));
    }

    /// <summary>Lets a node lead: the coordinator before it, if any, is stopped.</summary>
    protected void Lead(string node = "a")
    {
        StopCoordinator();
        var before = _life.Hold(Roles.Leader, "nobody", 0, TimeSpan.FromHours(1)).Lease.Epoch;
        var lease = _life.Hold(Roles.Leader, node, Member(node).Incarnation, TimeSpan.FromHours(1), earlyFromEpoch: before).Lease;
        Assert.Equal(node, lease.Holder);
        Epoch = lease.Epoch;
        _leadership.EpochNow = Epoch;
        Terms = Terms with { Node = node };
        Coordinator = Sys.ActorOf(CoordinatorActor.Props(Context(), Epoch, _leadership, new Inline()));
        Rest();
    }

    protected void StopCoordinator()
    {
        if (!Coordinator.IsNobody())
        {
            Watch(Coordinator);
            Sys.Stop(Coordinator);
            ExpectTerminated(Coordinator);
        }
    }

    /// <summary>Another node takes the lease and the one that leads has not heard of it.</summary>
    protected void Usurp(string node) =>
        Assert.True(_life.Hold(Roles.Leader, node, Member(node).Incarnation, TimeSpan.FromHours(1), earlyFromEpoch: Epoch).IsHeld);

    /// <summary>A member says that it has read this version.</summary>
    protected void Claim(string node, long version)
    {
        _life.Beat(new Heartbeat(node, Member(node).Incarnation, 0, 0, version, 0, "", Epoch));
        _silent.Add(node);
    }

    protected void DoubtLease(bool isDoubted) => _leadership.EpochNow = isDoubted ? null : Epoch;

    protected Member Member(string node) => View.Members.Single(member => member.Node == node);

    protected void Tell(object message)
    {
        Coordinator.Tell(message);
        Rest();
    }

    protected T Ask<T>(object message) => Coordinator.Ask<T>(message).WaitAsync(Patience).GetAwaiter().GetResult();

    protected void Die(params string[] nodes)
    {
        foreach (var node in nodes)
        {
            _silent.Add(node);
            Sys.EventStream.Publish(new ClusterNews.MemberDied(node, Member(node).Incarnation, "its port refuses"));
        }

        Rest();
    }

    protected void Leave(string node)
    {
        Assert.True(_store.SetOwnStateAsync(node, Member(node).Incarnation, MemberState.Leaving, default).Result);
        Rest();
    }

    protected void Order(OrderKind kind, string node, BucketKey? bucket = null)
    {
        _store.OrderAsync(new OperatorOrder(kind, node, bucket), default);
        Publish();
    }

    /// <summary>Time passes, step by step: members beat, read and report, the leader sees.</summary>
    protected void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Step)
        {
            TestScheduler.Advance(Step);
            Publish();
        }
    }

    protected void PassSeconds(double seconds) => Pass(TimeSpan.FromSeconds(seconds));

    /// <summary>Whether members that leave stay, to be asked for their history.</summary>
    protected bool KeepsServing { get; set; }

    /// <summary>Every member says what it holds, and the leader reads the store. Who leaves and holds nothing any more goes.</summary>
    protected void Publish()
    {
        foreach (var member in View.Members.Where(member => member.State != MemberState.Down && !_silent.Contains(member.Node)))
        {
            _life.Beat(new Heartbeat(member.Node, member.Incarnation, 0, 0, 0, 0, "", Epoch));
            var frame = Frame(member);
            Sys.EventStream.Publish(new ClusterNews.MemberReported(member.Node, frame));
            if (member.State == MemberState.Leaving && !KeepsServing && frame.Slots.Count == 0)
            {
                _store.SetOwnStateAsync(member.Node, member.Incarnation, MemberState.Down, default);
            }
        }

        Sys.EventStream.Publish(new ClusterNews.Viewed(View));
        Rest();
    }

    /// <summary>Until the coordinator has nothing more to do with what it was told: each turn may have told itself something.</summary>
    protected void Rest()
    {
        for (var turn = 0; turn < 16; turn++)
        {
            Barrier(Coordinator);
        }
    }

    protected string OwnerOf(string job, int bucket, int slot = 0) => Rows.Single(row => row.Slot == new SlotKey(new BucketKey(job, bucket), slot)).Owner;

    protected Dictionary<string, double> LoadByNode()
    {
        var loads = View.Members.Where(member => member.State == MemberState.Up).ToDictionary(member => member.Node, _ => 0.0);
        foreach (var row in Rows.Where(row => row.Owner.Length > 0))
        {
            loads[row.Owner] = loads.GetValueOrDefault(row.Owner) + LoadOfBucket(row);
        }

        return loads;
    }

    protected double MaxOverAverage() => LoadByNode().Values.Max() / LoadByNode().Values.Average();

    protected MemberFrame Frame(Member member)
    {
        var frame = new MemberFrame { Node = member.Node, Incarnation = member.Incarnation, AppliedAssignments = View.AssignmentVersion, IsFull = true };
        frame.SendLagMs = (long)SendLag.GetValueOrDefault(member.Node).TotalMilliseconds;
        foreach (var row in Rows)
        {
            var isOwner = row.Owner == member.Node;
            if (isOwner || (row.Previous == member.Node && Time.GetUtcNow() < row.EffectiveAt))
            {
                frame.Slots.Add(new SlotReport { Slot = Write(row), SamplesPerSecond = LoadOfBucket(row), HandsOver = !isOwner });
            }
        }

        return frame;
    }

    protected static SlotMessage Write(Assignment row) =>
        new() { Job = row.Slot.Bucket.Job, Bucket = row.Slot.Bucket.Bucket, Slot = row.Slot.Slot, Count = row.Count };

    /// <summary>The targets, by hash, of a bucket as stored.</summary>
    protected IReadOnlyList<ulong> Stored(BucketRef bucket) => HashesOf(_store.ReadTargetSetsAsync([bucket], default).Result.Single());

    protected IReadOnlyList<ulong> Stored(string job) => [.. View.TargetSetVersions.Keys.Where(bucket => bucket.Key.Job == job).SelectMany(Stored)];

    protected double LoadOfBucket(Assignment row) => Stored(new BucketRef(row.Slot.Bucket, row.Count)).Sum(LoadOf);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _life.Dispose();
        }

        base.Dispose(disposing);
    }

    private ulong[] HashesOf(StoredTargetSet set)
    {
        if (!_decoded.TryGetValue(set.Checksum, out var hashes))
        {
            Assert.True(TargetSetCodec.TryDecode(new EncodedTargetSet(set.Checksum, set.Payload), out var targets, out var fault), fault);
            _decoded.Add(set.Checksum, hashes = [.. targets.Targets.Select(target => target.Hash)]);
        }

        return hashes;
    }

    private ClusterContext Context() => new()
    {
        Terms = Terms,
        Store = Store,
        Peers = Peers,
        Routes = new NoRoutes(),
        Time = Time,
        Board = Board,
        EndProcess = static _ => { },
        Scraping = new NoGauge(),
        Metrics = Metrics,
        Loggers = NullLoggerFactory.Instance,
    };

    private static Labels Name(string name)
    {
        var builder = new LabelsBuilder();
        builder.Add("instance"u8, Encoding.UTF8.GetBytes(name));
        return builder.ToLabels();
    }

    private sealed class ScriptedLeadership : ILeadership
    {
        public long? EpochNow { get; set; }
    }

    private sealed class NoGauge : IScrapeGauge
    {
        public long ScrapesEnded => 0;

        public TimeSpan? ShortestInterval => null;

        public IEnumerable<TargetLoad> Loads() => [];
    }

    private sealed class NoRoutes : IPeerRoutes
    {
        public void Answer<TRequest>(string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, Task<IMessage>> answer)
            where TRequest : IMessage<TRequest>
        {
        }

        public void Stream<TRequest>(string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, IAsyncEnumerable<IMessage>> answers)
            where TRequest : IMessage<TRequest>
        {
        }
    }
}
