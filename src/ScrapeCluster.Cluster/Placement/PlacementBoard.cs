using System.Text;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Placement;

/// <summary>Who has what while a plan is made.</summary>
internal sealed class PlacementBoard
{
    private readonly IReadOnlyList<PlacementNode> _nodes;
    private readonly Dictionary<string, int> _indexOf = new(StringComparer.Ordinal);
    private readonly ulong[] _seeds;
    private readonly double[] _loads;
    private readonly List<PlacedSlot>[] _slots;

    /// <summary>Nodes of each bucket's slots; one bucket has few.</summary>
    private readonly Dictionary<BucketKey, List<int>> _holders = [];
    private readonly Dictionary<string, ulong> _jobSeeds = new(StringComparer.Ordinal);

    public PlacementBoard(IReadOnlyList<PlacementNode> nodes, double totalLoad)
    {
        _nodes = nodes;
        _seeds = [.. nodes.Select(node => Rendezvous.SeedOf(node.Name))];
        _loads = new double[nodes.Count];
        _slots = [.. nodes.Select(_ => new List<PlacedSlot>())];
        for (var i = 0; i < nodes.Count; i++)
        {
            _indexOf.Add(nodes[i].Name, i);
        }

        var takers = nodes.Count(node => !node.IsLeaving);
        Average = takers > 0 ? totalLoad / takers : 0;
    }

    /// <summary>Load of a node that is not leaving, were all of them even.</summary>
    public double Average { get; }

    public IReadOnlyList<PlacementNode> Nodes => _nodes;

    public double LoadOf(int node) => _loads[node];

    public IReadOnlyList<PlacedSlot> SlotsOf(int node) => _slots[node];

    /// <summary>-1 for a node that is not there.</summary>
    public int IndexOf(string name) => _indexOf.GetValueOrDefault(name, -1);

    public bool Holds(int node, BucketKey bucket) => _holders.TryGetValue(bucket, out var holders) && holders.Contains(node);

    public void Put(int node, PlacedSlot slot)
    {
        _loads[node] += slot.Load;
        _slots[node].Add(slot);
        if (!_holders.TryGetValue(slot.Key.Bucket, out var holders))
        {
            _holders.Add(slot.Key.Bucket, holders = new List<int>(1));
        }

        holders.Add(node);
    }

    public void Move(PlacedSlot slot, int from, int to)
    {
        _loads[from] -= slot.Load;
        _slots[from].Remove(slot);
        _holders[slot.Key.Bucket].Remove(from);
        Put(to, slot);
    }

    public bool CanTake(int node, BucketKey bucket, double load)
    {
        var candidate = _nodes[node];
        return candidate.TakesMore && !candidate.IsLeaving && !Holds(node, bucket) && (candidate.Capacity <= 0 || _loads[node] + load <= candidate.Capacity);
    }

    /// <summary>Open for more, and large enough for an even share.</summary>
    public bool TakesShare(int node)
    {
        var candidate = _nodes[node];
        return candidate is { TakesMore: true, IsLeaving: false } && (candidate.Capacity <= 0 || candidate.Capacity >= Average);
    }

    /// <summary>Another slot of the bucket is in the same, labelled, zone; <paramref name="except"/> is a node that gives its slot away.</summary>
    public bool SharesZone(int node, BucketKey bucket, int except = -1)
    {
        var zone = _nodes[node].Zone;
        return zone.Length > 0
            && _holders.TryGetValue(bucket, out var holders)
            && holders.Exists(other => other != except && string.Equals(_nodes[other].Zone, zone, StringComparison.Ordinal));
    }

    /// <summary>
    /// The best place: in a zone without the bucket, not above the average, where the series lines are, then by the bucket's own order; when all are above
    /// the average, the least loaded. -1 when nobody can take it.
    /// </summary>
    /// <param name="byLoad">The least loaded instead of the bucket's own order: for what comes to nodes that are even already.</param>
    public int BestFor(SlotKey slot, double load, int heir, bool byLoad)
    {
        var best = (Node: -1, Rank: 0, Weight: 0.0);
        var limit = Average;
        var jobSeed = JobSeed(slot.Bucket.Job);
        for (var node = 0; node < _nodes.Count; node++)
        {
            if (!CanTake(node, slot.Bucket, load))
            {
                continue;
            }

            var isAbove = _loads[node] + load > limit;
            var rank = (SharesZone(node, slot.Bucket) ? 0 : 4) + (isAbove ? 0 : 2) + (!isAbove && node == heir ? 1 : 0);
            var weight = isAbove || byLoad ? -_loads[node] : Rendezvous.Weight(_seeds[node], slot.Bucket, jobSeed);
            if (best.Node < 0 || rank > best.Rank || (rank == best.Rank && weight > best.Weight))
            {
                best = (node, rank, weight);
            }
        }

        return best.Node;
    }

    private ulong JobSeed(string job)
    {
        if (!_jobSeeds.TryGetValue(job, out var seed))
        {
            _jobSeeds.Add(job, seed = XxHash64.Hash(Encoding.UTF8.GetBytes(job)));
        }

        return seed;
    }
}

/// <param name="IsPinned">Stays where it is.</param>
/// <param name="Home">The node that it was taken over from; -1 when there is none.</param>
internal sealed record PlacedSlot(SlotKey Key, double Load, bool IsPinned, int Home);
