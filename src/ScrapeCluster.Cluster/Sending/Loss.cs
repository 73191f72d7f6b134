using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Sending;

/// <summary>
/// Whether others took over, without a hand-over, what a node had: after its death, or while it was cut off. Then what it has not sent yet comes to the receiver
/// behind what they sent. Answers from when others scraped; null when nobody did. Pure.
/// </summary>
internal static class Loss
{
    /// <summary>A member reads that it was declared dead.</summary>
    /// <param name="before">Rows as it knew them.</param>
    /// <param name="changed">Those that are new.</param>
    public static DateTimeOffset? InView(string node, IReadOnlyDictionary<SlotKey, Assignment> before, IEnumerable<Assignment> changed) =>
        First(changed.Where(row => IsOrphanOf(node, row) && before.TryGetValue(row.Slot, out var known) && known.Owner == node));

    /// <summary>A node joins, and may have been away.</summary>
    /// <param name="before">Rows as it knew them last; none where nothing is known of that.</param>
    /// <param name="now">All rows.</param>
    public static DateTimeOffset? OnReturn(string node, IReadOnlyDictionary<SlotKey, Assignment> before, IReadOnlyCollection<Assignment> now)
    {
        var owned = before.Values.Count(row => row.Owner == node);
        if (owned == 0)
        {
            // It had handed over, or did not live to note what it had.
            return First(now.Where(row => row.Owner.Length > 0 && row.Owner != node && row.Previous == node && RowReasons.IsTakenOver(row.Reason)));
        }

        var lost = now.Where(row => row.Owner.Length > 0 && before.TryGetValue(row.Slot, out var known) && known.Owner == node && HasChangedHands(node, known, row)).ToList();

        // A slot or two that went in a move, of which it heard no more, say nothing. That all are gone does, whatever has become of them since.
        return lost.Count == owned || lost.Exists(row => IsOrphanOf(node, row)) ? First(lost) : null;
    }

    private static bool IsOrphanOf(string node, Assignment row) => row.Owner != node && row.Previous == node && RowReasons.IsOrphaned(row.Reason);

    private static bool HasChangedHands(string node, Assignment known, Assignment row) =>
        row.Owner != node || (row.EffectiveAt > known.EffectiveAt && row.Previous.Length > 0 && row.Previous != node);

    private static DateTimeOffset? First(IEnumerable<Assignment> rows)
    {
        DateTimeOffset? first = null;
        foreach (var row in rows)
        {
            first = first is { } earlier && earlier <= row.EffectiveAt ? earlier : row.EffectiveAt;
        }

        return first;
    }
}
