namespace ScrapeCluster.Model;

/// <summary>
/// A slice of a job's targets, the unit of placement. A target lies in bucket <c>hash modulo count</c>; the count is a power of two and only grows, so
/// bucket b of n becomes b and b + n of 2n.
/// </summary>
public readonly record struct BucketKey(string Job, int Bucket) : IComparable<BucketKey>
{
    public static int Of(ulong targetHash, int count) => (int)(targetHash & (ulong)(count - 1));

    public int CompareTo(BucketKey other)
    {
        var byJob = string.CompareOrdinal(Job, other.Job);
        return byJob != 0 ? byJob : Bucket.CompareTo(other.Bucket);
    }

    public override string ToString() => $"{Job}/{Bucket}";
}

/// <summary>One replica of a bucket: slot 0 to R - 1. Two slots of one bucket are never on one node.</summary>
public readonly record struct SlotKey(BucketKey Bucket, int Slot) : IComparable<SlotKey>
{
    public int CompareTo(SlotKey other)
    {
        var byBucket = Bucket.CompareTo(other.Bucket);
        return byBucket != 0 ? byBucket : Slot.CompareTo(other.Slot);
    }

    public override string ToString() => Slot == 0 ? Bucket.ToString() : $"{Bucket}.{Slot}";
}
