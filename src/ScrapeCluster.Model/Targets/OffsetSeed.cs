using System.Text;

namespace ScrapeCluster.Model;

/// <summary>
/// Shifts the phases of all targets, so that replicas with other external labels, or other slots of one cluster, scrape at
/// other moments. Never made of a node's name: a target that moves keeps its phase.
/// </summary>
public static class OffsetSeed
{
    public static ulong Of(Labels externalLabels, int slot = 0)
    {
        return Fnv1a64.Hash(Encoding.UTF8.GetBytes($"{externalLabels}/{slot}"));
    }
}
