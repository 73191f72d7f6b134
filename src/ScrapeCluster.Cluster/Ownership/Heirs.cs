using System.Text;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>
/// Who keeps a slot's series lines for the case that its owner dies: the first of the other members in the bucket's own order. One that comes or goes changes
/// the heirs of its own share of slots only.
/// </summary>
/// <param name="members">Those that may inherit: up, and not the owner.</param>
internal sealed class Heirs(IEnumerable<string> members)
{
    public static readonly Heirs None = new([]);

    private readonly (string Node, ulong Seed)[] _members = [.. members.Select(node => (node, Rendezvous.SeedOf(node)))];

    /// <summary>Null when there is nobody.</summary>
    /// <param name="cannot">Nodes that have another slot of the bucket, and so can never take this one.</param>
    public string? Of(SlotKey slot, Predicate<string>? cannot = null)
    {
        var jobSeed = XxHash64.Hash(Encoding.UTF8.GetBytes(slot.Bucket.Job));
        var best = (Node: (string?)null, Weight: 0UL);
        foreach (var (node, seed) in _members)
        {
            var weight = Rendezvous.Weight(seed, slot.Bucket, jobSeed);
            if ((best.Node is null || weight > best.Weight) && cannot?.Invoke(node) != true)
            {
                best = (node, weight);
            }
        }

        return best.Node;
    }
}
