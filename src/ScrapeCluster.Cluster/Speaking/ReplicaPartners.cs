using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Speaking;

/// <summary>Who is to hear of the scrapes of this node: the owners of the other of the first two slots. Pure.</summary>
internal sealed class ReplicaPartners(string self)
{
    /// <summary>The owner before a move still decides what it scraped itself.</summary>
    private static readonly TimeSpan After = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _nodes = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<SlotKey, Assignment> _rows = new Dictionary<SlotKey, Assignment>();

    /// <summary>All that have something in common with this node.</summary>
    public IReadOnlySet<string> Nodes => _nodes;

    public void Read(IReadOnlyDictionary<SlotKey, Assignment> rows, DateTimeOffset now)
    {
        _rows = rows;
        _counts.Clear();
        _nodes.Clear();
        foreach (var row in rows.Values)
        {
            _counts[row.Slot.Bucket.Job] = Math.Max(_counts.GetValueOrDefault(row.Slot.Bucket.Job), row.Count);
            if (IsMine(row, now) && OtherOf(row.Slot.Slot) is { } other && rows.TryGetValue(row.Slot with { Slot = other }, out var partner))
            {
                Add(_nodes, partner, now);
            }
        }
    }

    public void Of(in ScrapeEnd scrape, DateTimeOffset now, HashSet<string> nodes)
    {
        nodes.Clear();
        if (_counts.TryGetValue(scrape.Job, out var count) && OtherOf(scrape.Slot) is { } other
            && _rows.TryGetValue(new SlotKey(new BucketKey(scrape.Job, BucketKey.Of(scrape.TargetHash, count)), other), out var partner))
        {
            Add(nodes, partner, now);
        }
    }

    private static int? OtherOf(int slot) => slot switch
    {
        0 => 1,
        1 => 0,
        _ => null,
    };

    private bool IsMine(Assignment row, DateTimeOffset now) => row.Owner == self || (row.Previous == self && now < row.EffectiveAt + After);

    private void Add(HashSet<string> nodes, Assignment row, DateTimeOffset now)
    {
        if (row.Owner.Length > 0 && row.Owner != self)
        {
            nodes.Add(row.Owner);
        }

        if (row.Previous.Length > 0 && row.Previous != self && now < row.EffectiveAt + After)
        {
            nodes.Add(row.Previous);
        }
    }
}
