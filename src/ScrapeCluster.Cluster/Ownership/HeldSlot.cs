using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>One slot that this node scrapes, hands over, or just gave away: the rules of its move, and what is done about them.</summary>
internal sealed class HeldSlot(SlotKey key, OwnedSlot rules, int count)
{
    public SlotKey Key { get; } = key;

    public PoolKey Pool { get; } = PoolKey.Of(key);

    public OwnedSlot Rules { get; } = rules;

    /// <summary>The job's bucket count by which its targets are known.</summary>
    public int Count { get; set; } = count;

    public BucketRef Bucket => new(Key.Bucket, Count);

    /// <summary>To be said as soon as the targets are here: who says that it scrapes must be able to.</summary>
    public OwnershipEffect.Acknowledge? Owed { get; set; }

    /// <summary>Series lines of the owner before, which the pools can take once their plan names the targets.</summary>
    public List<TargetLines> Arrived { get; } = [];

    /// <summary>The owner before sent some, so that what it bequeathed is of no use.</summary>
    public bool HasLines { get; set; }

    /// <summary>Null until it is scraped.</summary>
    public Bequest? Bequest { get; set; }

    /// <summary>Of the row past whose instant both owners scraped: counted once.</summary>
    public long DoubledVersion { get; set; }

    /// <summary>Samples per second; 0 = not measured yet.</summary>
    public double Load { get; set; }
}

/// <summary>The series lines of a slot on their way to its new owner.</summary>
/// <param name="isAnswer">There is nothing to hand over, and the new owner waits to hear so: said once for each time it asks.</param>
internal sealed class Departure(SlotKey key, int count, string to, long version, bool isAnswer)
{
    public SlotKey Key { get; } = key;

    public int Count { get; } = count;

    public string To { get; } = to;

    public long Version { get; } = version;

    public bool IsAnswer { get; } = isAnswer;

    /// <summary>Null until the pools have stopped.</summary>
    public IReadOnlyList<TargetLines>? Lines { get; set; } = isAnswer ? [] : null;

    public bool IsDue { get; set; } = true;

    public bool IsOnItsWay { get; set; }

    /// <summary>How often it is sent again by itself, a tick later each time; otherwise the slot's rules ask for that.</summary>
    public int Repeats { get; set; }

    public bool IsRepeated { get; set; }
}
