using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Targets;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <param name="Source">What it was made of: a newer one makes it stale.</param>
internal sealed record EncodedJob(JobTargets Source, int Count, IReadOnlyList<EncodedBucket> Buckets);

/// <param name="Targets">In the order of their hashes.</param>
internal sealed record EncodedBucket(IReadOnlyList<ScrapeTarget> Targets, EncodedTargetSet Set, TimeSpan SlowestInterval);

/// <summary>
/// Cuts a job into its buckets and packs those that are not as they were the last time. Seconds of work for 100,000 new targets, so it runs beside the actor. Pure.
/// </summary>
internal static class JobEncoder
{
    /// <param name="last">Of the same job; null when there is none. Wrong or old, it costs time and nothing else.</param>
    public static EncodedJob Encode(JobTargets job, int count, EncodedJob? last)
    {
        var known = last?.Count == count && last.Source.ForcedFault == job.ForcedFault ? last.Buckets : null;
        return new EncodedJob(job, count, [.. Cut(job.Targets, count).Select((targets, bucket) => Encode(targets, job.ForcedFault, known?[bucket]))]);
    }

    /// <summary>What a stored set holds; one that is damaged counts as empty until it is written anew.</summary>
    public static KnownSet Describe(StoredTargetSet stored)
    {
        return TargetSetCodec.TryDecode(new EncodedTargetSet(stored.Checksum, stored.Payload), out var set, out _)
            ? new KnownSet(stored.Version, stored.Checksum, set.Targets.Count, SlowestOf(set.Targets))
            : new KnownSet(stored.Version, 0, 0, TimeSpan.Zero);
    }

    private static List<ScrapeTarget>[] Cut(IReadOnlyList<ScrapeTarget> targets, int count)
    {
        var buckets = new List<ScrapeTarget>[count];
        for (var bucket = 0; bucket < count; bucket++)
        {
            buckets[bucket] = [];
        }

        foreach (var target in targets)
        {
            buckets[BucketKey.Of(target.Hash, count)].Add(target);
        }

        foreach (var bucket in buckets)
        {
            // Discovery may name the same targets in another order.
            bucket.Sort(static (one, other) => one.Hash.CompareTo(other.Hash));
        }

        return buckets;
    }

    /// <summary>Targets are compared by value, since the manager makes all of a job anew: under 1 us for what takes 12 us to write and pack.</summary>
    private static EncodedBucket Encode(List<ScrapeTarget> targets, string? forcedFault, EncodedBucket? known)
    {
        // The new targets are kept in both cases, or two generations of a job would stay in memory.
        return known is not null && targets.SequenceEqual(known.Targets)
            ? known with { Targets = targets }
            : new EncodedBucket(targets, TargetSetCodec.Encode(new TargetSet(targets, forcedFault)), SlowestOf(targets));
    }

    private static TimeSpan SlowestOf(IReadOnlyList<ScrapeTarget> targets) => targets.Select(target => target.Interval).DefaultIfEmpty(TimeSpan.Zero).Max();
}
