using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model;

namespace ScrapeCluster.Benchmarks.Cluster;

/// <summary>
/// What there is to scrape: jobs of Zipf size whose targets have log-normal numbers of series, cut into buckets by the rules of the product. A target of the
/// tail is a hundred times the middle one.
/// </summary>
internal static class SimulatedFleet
{
    private const double MedianSeries = 500;
    private const double Sigma = 1.2;
    private static readonly double[] IntervalSeconds = [10, 15, 30, 60];

    public static IReadOnlyList<PlacementBucket> Make(int jobs, int targets, int nodes, int seed)
    {
        var random = new Random(seed);
        var weights = Enumerable.Range(1, jobs).Select(rank => 1.0 / rank).ToArray();
        var total = weights.Sum();
        var made = new List<(string Job, double[] Loads)>();
        for (var job = 0; job < jobs; job++)
        {
            var interval = IntervalSeconds[random.Next(IntervalSeconds.Length)];
            var count = Math.Max(1, (int)(targets * weights[job] / total));
            made.Add(($"job-{job}", [.. Enumerable.Range(0, count).Select(_ => Series(random) / interval)]));
        }

        var averageNodeLoad = made.Sum(job => job.Loads.Sum()) / nodes;
        return [.. made.SelectMany(job => Cut(job.Job, job.Loads, averageNodeLoad, random))];
    }

    private static double Series(Random random)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return MedianSeries * Math.Exp(Sigma * normal);
    }

    private static IEnumerable<PlacementBucket> Cut(string job, double[] targets, double averageNodeLoad, Random random)
    {
        var count = BucketCounts.Next(0, targets.Length, targets.Sum(), averageNodeLoad);
        var loads = new double[count];
        foreach (var target in targets)
        {
            loads[BucketKey.Of((ulong)random.NextInt64(), count)] += target;
        }

        return loads.Select((load, bucket) => new PlacementBucket(new BucketKey(job, bucket), load));
    }
}
