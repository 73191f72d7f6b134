using System.Diagnostics;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Model;

namespace ScrapeCluster.Benchmarks.Cluster;

/// <summary>
/// Leases, placement and moves of the product under virtual time: real lifelines against the real in-process store, the real planner, trigger and move queue. Only
/// the network and the scraping are assumed, by the constants below.
/// </summary>
internal sealed class SimulatedCluster
{
    /// <summary>From the end of a process to the refused reconnect.</summary>
    private static readonly TimeSpan BrokenStream = TimeSpan.FromMilliseconds(100);

    /// <summary>A new leader reads the store and opens its streams.</summary>
    private static readonly TimeSpan LeaderBegins = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Prepares = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan HandsOver = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan PlanInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClusterStart = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AwaitBack = new ClusterTerms { Cluster = "", Node = "", DataId = "" }.AwaitBack;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private const int MoveBudget = 64;

    /// <summary>Packed, in a stored set of a hundred or more; measured by the mode <c>encode</c>.</summary>
    private const int BytesOfTarget = 82;

    private readonly SimulatedClock _clock = new();
    private readonly InProcessStore _store;
    private readonly Random _random = new(1);
    private readonly List<SimulatedNode> _nodes = [];
    private readonly IReadOnlyList<PlacementBucket> _buckets;
    private readonly Dictionary<BucketKey, double> _loads;
    private readonly Dictionary<SlotKey, string> _owners = [];
    private readonly Dictionary<SlotKey, string> _homes = [];
    private readonly Dictionary<string, TimeSpan> _wentAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Slots, double Load)> _owned = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _deaths = new(StringComparer.Ordinal);
    private readonly List<(TimeSpan At, Action Do)> _later = [];
    private MoveQueue _moves = new(MoveTerms.Default);
    private BalanceTrigger _trigger;
    private PlacementPlan? _plan;
    private readonly TimeSpan _placesFrom = ClusterStart;
    private int _expected;
    private SimulatedNode? _leader;
    private TimeSpan _actsFrom;
    private TimeSpan _nextPlan;
    private TimeSpan _nextLook;
    private bool _membersChanged;
    private bool _joined;
    private WrittenRows _written;
    private readonly long _setBytes;

    /// <summary>By the last plan, made when nobody was awaited.</summary>
    private bool _isCalm;

    public SimulatedCluster(IReadOnlyList<PlacementBucket> buckets, int targets)
    {
        _buckets = buckets;
        _setBytes = (long)targets * BytesOfTarget / buckets.Count;
        _loads = buckets.ToDictionary(bucket => bucket.Key, bucket => bucket.Load);
        _store = new InProcessStore(_clock);
    }

    public DatabaseBill Bill { get; } = new();

    public TimeSpan Now => _clock.Now;

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    public SimulatedNode? Leader => _leader;

    public double TotalLoad => _loads.Values.Sum();

    /// <summary>Slots that changed hands, and their load.</summary>
    public (int Slots, double Load) Moved { get; private set; }

    public TimeSpan PlannerTime { get; private set; }

    public int Plans { get; private set; }

    /// <summary>Slots that nobody who lives scrapes.</summary>
    public int Dark => _buckets.Count - _owned.Sum(owned => _deaths.ContainsKey(owned.Key) ? 0 : owned.Value.Slots);

    public bool IsQuiet => !_membersChanged && _isCalm && !IsAwaiting && _moves.Waiting == 0 && !_moves.InFlight.Any() && Dark == 0;

    /// <summary>As the coordinator takes it from the rows.</summary>
    private bool IsAwaiting => _wentAt.Any(went => _clock.Now - went.Value < AwaitBack && !_nodes.Exists(node => node.Name == went.Key && node is { IsAlive: true, IsLeaving: false }));

    public double MaxOverAverage
    {
        get
        {
            var loads = LoadOfNodes();
            return loads.Count == 0 ? 0 : loads.Values.Max() / (loads.Values.Sum() / loads.Count);
        }
    }

    /// <summary>A cold start waits for so many, but not longer than <see cref="ClusterStart"/>.</summary>
    public void Add(int count)
    {
        _expected = _nodes.Count == 0 ? count : 0;
        for (var i = 0; i < count; i++)
        {
            _nodes.Add(new SimulatedNode($"node-{_nodes.Count}", _store, _clock, Bill, Jitter(1000)));
        }
    }

    public void Kill(SimulatedNode node)
    {
        node.Kill();
        if (node == _leader)
        {
            var epoch = Epoch();
            _leader = null;
            foreach (var member in _nodes.Where(other => other.IsAlive))
            {
                member.SeeLeaderDie(epoch, BrokenStream + Jitter(50));
            }
        }

        _deaths[node.Name] = _clock.Now + BrokenStream;
    }

    public double LoadOf(SimulatedNode node) => LoadOfNodes().GetValueOrDefault(node.Name);

    /// <summary>Load by living node that is not leaving.</summary>
    public IReadOnlyDictionary<string, double> LoadOfNodes()
    {
        return _nodes.Where(node => node is { IsAlive: true, IsLeaving: false })
            .ToDictionary(node => node.Name, node => _owned.GetValueOrDefault(node.Name).Load, StringComparer.Ordinal);
    }

    public void MembersChanged() => _membersChanged = true;

    public bool OwnsNothing(SimulatedNode node) => _owned.GetValueOrDefault(node.Name).Slots == 0;

    /// <summary>Virtual seconds until the condition holds; null when it does not within the limit.</summary>
    public double? RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var start = _clock.Now;
        while (!condition())
        {
            if (_clock.Now - start > limit)
            {
                return null;
            }

            Turn();
        }

        return (_clock.Now - start).TotalSeconds;
    }

    private void Turn()
    {
        _clock.Advance(Step);
        foreach (var node in _nodes)
        {
            if (node.TurnWhenDue() && node.Last.Incarnation is not null)
            {
                node.Reader.Heard(node.Last, node.Leads, _written, _clock.Now);
            }
        }

        foreach (var (_, act) in _later.Where(one => one.At <= _clock.Now).ToList())
        {
            act();
        }

        _later.RemoveAll(one => one.At <= _clock.Now);
        FindLeader();
        if (_leader is not null && _clock.Now >= _actsFrom)
        {
            Lead();
        }
    }

    private void FindLeader()
    {
        if (_leader is { Leads: true })
        {
            return;
        }

        var leading = _nodes.Where(node => node.Leads).ToList();
        if (leading.Count > 1)
        {
            throw new InvalidOperationException($"{leading.Count} nodes lead at {_clock.Now}");
        }

        _leader = leading.FirstOrDefault();
        _actsFrom = _clock.Now + LeaderBegins;
        _nextPlan = _actsFrom;
        _moves = new MoveQueue(MoveTerms.Default);
    }

    private void Lead()
    {
        if (_clock.Now >= _nextLook)
        {
            _nextLook = _clock.Now + LookInterval;
            TakeJoining();
        }

        var orphaned = _deaths.Any(death => death.Value <= _clock.Now && _owned.GetValueOrDefault(death.Key).Slots > 0);
        if (orphaned || _membersChanged || _clock.Now >= _nextPlan)
        {
            Plan();
        }

        foreach (var begun in _moves.Begin(_clock.GetUtcNow()))
        {
            After(Prepares, () => _moves.Prepared(begun.Slot, begun.To, _clock.GetUtcNow()));
        }

        var (ready, at) = _moves.Ready(_clock.GetUtcNow());
        if (ready.Count > 0)
        {
            Commit(ready, members: 0);
            _moves.Committed(ready.Select(move => move.Slot), _clock.GetUtcNow());
            After(at - _clock.GetUtcNow() + HandsOver, () => ready.ToList().ForEach(move => _moves.Settled(move.Slot)));
        }

        _moves.Expire(_clock.GetUtcNow());
    }

    private void TakeJoining()
    {
        var view = _store.ReadAsync(long.MaxValue, CancellationToken.None).Result;
        var joining = view.Members.Where(member => member.State == MemberState.Joining).ToList();
        if (joining.Count == 0)
        {
            return;
        }

        foreach (var member in joining)
        {
            _deaths.Remove(member.Node);
        }

        var commit = new LeaderCommit(Epoch(), view.AssignmentVersion) { Members = [.. joining.Select(member => new MemberChange(member.Node, member.Incarnation, MemberState.Up))] };
        if (_store.CommitAsync(commit, CancellationToken.None).Result.Outcome != CommitOutcome.Committed)
        {
            throw new InvalidOperationException("the leader was fenced");
        }

        Commit([], joining.Count);
        (_membersChanged, _joined) = (true, true);
    }

    private void Plan()
    {
        var changed = _membersChanged;
        _membersChanged = false;
        _nextPlan = _clock.Now + PlanInterval;
        var nodes = _nodes.Where(node => node.IsAlive && node.Last.Incarnation is not null).Select(node => new PlacementNode(node.Name, IsLeaving: node.IsLeaving)).ToList();
        var current = new Dictionary<SlotKey, string>(_owners);
        foreach (var move in _moves.InFlight)
        {
            current[move.Slot] = move.To;
        }

        if (_clock.Now < _placesFrom && nodes.Count < _expected)
        {
            _membersChanged = changed;
            return;
        }

        var isStuck = _plan is { } last && !last.Moves.Any(move => move.Reason == MoveReason.Balance);
        _trigger = _joined ? BalanceTrigger.ForNewcomer(IsAwaiting) : _trigger.Next(MaxOverAverage, _plan?.MinOverAverage ?? 1, isStuck, IsAwaiting);
        _isCalm = !IsAwaiting && _trigger is { IsEvening: false, RoundsUneven: 0 };
        _joined = false;
        var start = Stopwatch.GetTimestamp();
        var plan = PlacementPlanner.Plan(new PlacementInput(nodes, _buckets, current, new PlacementRules(Evens: _trigger.Evens, MoveBudget: MoveBudget)) { Homes = _homes });
        _plan = plan;
        PlannerTime += Stopwatch.GetElapsedTime(start);
        Plans++;
        var immediate = plan.Moves.Where(move => move.From.Length == 0).ToList();
        if (immediate.Count > 0)
        {
            Commit(immediate, _deaths.Count);
        }

        _moves.Want(plan.Moves.Where(move => move.From.Length > 0), _clock.GetUtcNow());
    }

    private void Commit(IReadOnlyList<SlotMove> moves, int members)
    {
        foreach (var move in moves)
        {
            if (_owners.TryGetValue(move.Slot, out var before))
            {
                Own(before, -1, -move.Load);
                Remember(move, before);
            }

            _owners[move.Slot] = move.To;
            Own(move.To, 1, move.Load);
            Moved = (Moved.Slots + 1, Moved.Load + move.Load);
        }

        Bill.Commit(members, moves.Count);
        _written = new WrittenRows(_written.Commits + 1, _written.Rows + moves.Count, _owners.Count);
        foreach (var sets in moves.GroupBy(move => move.To))
        {
            Bill.ReadSets(sets.Count(), sets.Count() * _setBytes);
        }

        foreach (var node in _nodes.Where(node => node is { IsAlive: true, Last.Incarnation: not null }))
        {
            node.Reader.Read(node.Last.Lease, node.Leads, _written, _clock.Now);
        }
    }

    private void Remember(SlotMove move, string before)
    {
        if (move.Reason is MoveReason.Leaving or MoveReason.Orphaned)
        {
            _homes[move.Slot] = before;
            _wentAt[before] = _clock.Now;
        }
        else
        {
            _homes.Remove(move.Slot);
        }
    }

    private void Own(string node, int slots, double load)
    {
        var owned = _owned.GetValueOrDefault(node);
        _owned[node] = (owned.Slots + slots, owned.Load + load);
    }

    private long Epoch() => _store.ReadAsync(long.MaxValue, CancellationToken.None).Result.Lease.Epoch;

    private void After(TimeSpan delay, Action act) => _later.Add((_clock.Now + delay, act));

    private TimeSpan Jitter(int milliseconds) => TimeSpan.FromMilliseconds(_random.Next(milliseconds));
}
