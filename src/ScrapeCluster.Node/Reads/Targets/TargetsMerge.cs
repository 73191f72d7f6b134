using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// Each target of each slot once, though two nodes may have it for a moment: while it moves, or when a node has not read yet that it moved. What the present
/// owner says counts; without an owner among them, the one that scraped last.
/// </summary>
internal static class TargetsMerge
{
    /// <param name="rowOf">The assignment of a target.</param>
    public static IReadOnlyList<NodePart<TargetState>> Merge(
        IReadOnlyList<NodePart<IReadOnlyList<TargetState>>> parts, Func<TargetState, Assignment?> rowOf, DateTimeOffset now)
    {
        if (parts is [var only])
        {
            return [.. only.Part.Select(state => new NodePart<TargetState>(only.Node, state))];
        }

        var merged = new Dictionary<(string, ulong, int), NodePart<TargetState>>();
        foreach (var part in parts)
        {
            foreach (var state in part.Part)
            {
                var candidate = new NodePart<TargetState>(part.Node, state);
                if (!merged.TryGetValue(state.Key, out var present) || CountsMore(candidate, present, rowOf(state), now))
                {
                    merged[state.Key] = candidate;
                }
            }
        }

        var sorted = merged.Values.ToList();
        sorted.Sort(static (left, right) => Compare(left.Part, right.Part));
        return sorted;
    }

    private static bool CountsMore(NodePart<TargetState> candidate, NodePart<TargetState> present, Assignment? row, DateTimeOffset now)
    {
        var owner = row is null ? null : SlotOwners.OwnerAt(row, now);
        return candidate.Node == owner
            || (present.Node != owner && (candidate.Part.Target.LastScrape ?? DateTimeOffset.MinValue) > (present.Part.Target.LastScrape ?? DateTimeOffset.MinValue));
    }

    /// <summary>The order of one node's list: by job, URL and identity.</summary>
    private static int Compare(TargetState left, TargetState right)
    {
        var order = string.CompareOrdinal(left.Target.Pool, right.Target.Pool);
        order = order != 0 ? order : string.CompareOrdinal(left.Target.ScrapeUrl, right.Target.ScrapeUrl);
        order = order != 0 ? order : left.Target.Hash.CompareTo(right.Target.Hash);
        return order != 0 ? order : left.Target.Slot.CompareTo(right.Target.Slot);
    }
}
