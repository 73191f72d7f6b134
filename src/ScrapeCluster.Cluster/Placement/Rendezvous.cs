using System.Text;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Placement;

/// <summary>
/// Highest random weight: every bucket has its own order of all nodes, the same on every node of the cluster, and a node that comes or goes changes nothing
/// in the order of the others.
/// </summary>
public static class Rendezvous
{
    public static ulong SeedOf(string node) => XxHash64.Hash(Encoding.UTF8.GetBytes(node));

    public static ulong Weight(ulong nodeSeed, BucketKey bucket, ulong jobSeed)
    {
        // Finaliser of splitmix64: both seeds are hashes already, they only need mixing.
        var x = nodeSeed ^ (jobSeed + ((ulong)bucket.Bucket * 0x9E3779B97F4A7C15));
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
