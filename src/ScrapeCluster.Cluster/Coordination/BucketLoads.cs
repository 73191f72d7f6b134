using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>What every bucket weighs, measured or estimated.</summary>
internal sealed class BucketLoads
{
    private readonly Dictionary<string, (double Load, int Targets)> _jobs = new(StringComparer.Ordinal);

    private BucketLoads(Dictionary<BucketKey, double> byBucket, bool areKnown)
    {
        ByBucket = byBucket;
        AreKnown = areKnown;
    }

    public IReadOnlyDictionary<BucketKey, double> ByBucket { get; }

    /// <summary>
    /// All that have targets are measured: what moves now need not move back. One that is missing may be the heaviest of all, and the node that has it, such as
    /// one whose first frame is late, would be taken for one that has little.
    /// </summary>
    public bool AreKnown { get; }

    public double Total { get; private set; }

    public static BucketLoads Of(IEnumerable<KeyValuePair<BucketRef, KnownSet>> sets, IReadOnlyDictionary<BucketRef, double> measured)
    {
        var buckets = sets.ToList();
        var loads = LoadModel.Estimate(
            [.. buckets.Select(set => (set.Key.Key.Job, set.Value.Targets, Measured(set.Key, set.Value.Targets, measured)))]);
        var byBucket = new Dictionary<BucketKey, double>(buckets.Count);
        var (filled, known) = (0, 0);
        for (var i = 0; i < buckets.Count; i++)
        {
            byBucket[buckets[i].Key.Key] = loads[i];
            filled += buckets[i].Value.Targets > 0 ? 1 : 0;
            known += buckets[i].Value.Targets > 0 && measured.ContainsKey(buckets[i].Key) ? 1 : 0;
        }

        var result = new BucketLoads(byBucket, known == filled);
        for (var i = 0; i < buckets.Count; i++)
        {
            var job = result._jobs.GetValueOrDefault(buckets[i].Key.Key.Job);
            result._jobs[buckets[i].Key.Key.Job] = (job.Load + loads[i], job.Targets + buckets[i].Value.Targets);
            result.Total += loads[i];
        }

        return result;
    }

    /// <summary>Of a job that has so many targets now.</summary>
    public double OfJob(string job, int targets)
    {
        var known = _jobs.GetValueOrDefault(job);
        var all = _jobs.Values.Sum(one => one.Targets);
        var each = known.Targets > 0 ? known.Load / known.Targets : all > 0 ? Total / all : LoadModel.UnknownTarget;
        return each * targets;
    }

    /// <summary>Of all jobs, were this one so large.</summary>
    public double TotalWith(string job, double load) => Total - _jobs.GetValueOrDefault(job).Load + load;

    /// <summary>A bucket that lost its last target weighs nothing from then on: nobody reports that, since 0 means not measured.</summary>
    private static double? Measured(BucketRef bucket, int targets, IReadOnlyDictionary<BucketRef, double> measured)
    {
        if (targets == 0)
        {
            return 0;
        }

        return measured.TryGetValue(bucket, out var load) ? load : null;
    }
}
