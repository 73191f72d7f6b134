
namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>The state right before a fault, to judge by what came after.</summary>
internal sealed class FaultWatch
{
    private readonly TestCluster _cluster;

    private FaultWatch(TestCluster cluster, (string Node, long Epoch) leader, IReadOnlyList<StoredAssignment> assignments, long lastEvent)
    {
        _cluster = cluster;
        Leader = leader;
        Assignments = assignments;
        LastEvent = lastEvent;
        From = cluster.Now;
        Owners = cluster.Judge.Owners(From).ToDictionary(pair => pair.Key, pair => cluster.NameAt(pair.Value), StringComparer.Ordinal);
        Loads = cluster.Loads(cluster.Names);
    }

    public (string Node, long Epoch) Leader { get; }

    public IReadOnlyList<StoredAssignment> Assignments { get; }

    public long LastEvent { get; }

    public TimeSpan From { get; }

    /// <summary>Node of each target.</summary>
    public IReadOnlyDictionary<string, string> Owners { get; }

    /// <summary>Samples per second of each node.</summary>
    public IReadOnlyDictionary<string, double> Loads { get; }

    public static async Task<FaultWatch> BeginAsync(TestCluster cluster)
    {
        cluster.Disturb();
        return new FaultWatch(cluster, await cluster.Store.LeaderAsync(), await cluster.Store.AssignmentsAsync(), await cluster.Store.LastEventAsync());
    }

    /// <summary>A member that does not lead.</summary>
    public string AnyMember(int which = 0) => _cluster.Names.Where(name => name != Leader.Node).ElementAt(which % (_cluster.Names.Count - 1));

    public IReadOnlySet<string> TargetsOf(params IReadOnlyCollection<string> nodes)
    {
        return Owners.Where(pair => nodes.Contains(pair.Value)).Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>What became of all ticks since.</summary>
    public FaultVerdict Verdict() => new(_cluster, _cluster.Judge.Ticks(From, _cluster.JudgedUntil));

    /// <summary>From the fault to the first request of another, of each target that these nodes had.</summary>
    public IReadOnlyList<TimeSpan> ScrapedAgain(params IReadOnlyCollection<string> gone)
    {
        var addresses = gone.Select(name => _cluster[name].Address).ToHashSet(StringComparer.Ordinal);
        return [.. _cluster.Judge.TakenOver(From, addresses).Select(pair => pair.Value ?? throw new InvalidOperationException($"nobody took over {pair.Key}"))];
    }

    /// <summary>With one replica: of several each asks in turn.</summary>
    public double Moved() => _cluster.Judge.Moved(From, _cluster.JudgedUntil);

    public TimeSpan Shift(TimeSpan after) => _cluster.Judge.LargestShift(From, after);

    /// <summary>Nothing was placed anew: not one row is newer.</summary>
    public async Task AssertNothingMovedAsync()
    {
        var now = await _cluster.Store.AssignmentsAsync();
        var moved = now.Where(row => Assignments.FirstOrDefault(before => before.Slot == row.Slot)?.Owner != row.Owner).ToList();
        Assert.True(moved.Count == 0, $"{moved.Count} slots moved, such as {moved.FirstOrDefault()}\n{await EventsAsync()}");
        if (_cluster.Shape.Replicas == 1)
        {
            Assert.Equal(0, Moved());
        }
    }

    public async Task<string> EventsAsync() => string.Join('\n', await _cluster.Store.EventsAsync(LastEvent));
}
