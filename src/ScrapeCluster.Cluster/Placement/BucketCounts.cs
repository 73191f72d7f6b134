using System.Numerics;

namespace ScrapeCluster.Cluster.Placement;

/// <summary>
/// Into how many buckets a job's targets are cut: a power of two, so large that a bucket stays below <see cref="MaxTargets"/> and below a sixteenth of an
/// average node's load, but no larger than the number of targets asks for: four buckets a target, so that few targets do not meet in one by chance.
/// It only grows.
/// </summary>
public static class BucketCounts
{
    public const int MaxTargets = 500;
    public const int BucketsPerNode = 16;
    private const int BucketsPerTarget = 4;

    /// <param name="present">0 for a job that is new.</param>
    /// <param name="averageNodeLoad">Samples per second; 0 while nothing is known.</param>
    public static int Next(int present, int targets, double jobLoad, double averageNodeLoad)
    {
        var forTargets = (targets + MaxTargets - 1) / MaxTargets;
        var forLoad = averageNodeLoad > 0 ? Math.Ceiling(jobLoad * BucketsPerNode / averageNodeLoad) : 1;
        var wanted = Math.Min(Math.Max(forTargets, forLoad), targets > 1 ? (double)targets * BucketsPerTarget : 1);
        return Math.Max(Math.Max(present, 1), (int)BitOperations.RoundUpToPowerOf2((uint)wanted));
    }
}
