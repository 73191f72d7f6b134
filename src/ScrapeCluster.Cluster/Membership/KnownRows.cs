using System.Collections.Immutable;
using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// The assignment rows as this node holds them. They only ever move on: a store that says less than was known (restored, or failed over with lost commits) is not
/// believed. Pure.
/// </summary>
internal sealed class KnownRows
{
    private ImmutableDictionary<SlotKey, Assignment> _rows = ImmutableDictionary<SlotKey, Assignment>.Empty;
    private long _fullAt = -1;

    public IReadOnlyDictionary<SlotKey, Assignment> Rows => _rows;

    /// <summary>Of the newest view that was accepted.</summary>
    public long Version { get; private set; }

    /// <summary>What to ask the store for: rows above this; 0 for all, after a start or when rows may have been removed.</summary>
    public long ReadAfter => _needsAll ? 0 : Version;

    private bool _needsAll = true;

    public void Forget()
    {
        _rows = _rows.Clear();
        Version = 0;
        _fullAt = -1;
        _needsAll = true;
    }

    /// <summary>What a node knew before it was restarted, or peers know, while the store is silent.</summary>
    public void Restore(long version, IEnumerable<Assignment> rows)
    {
        Forget();
        _rows = rows.ToImmutableDictionary(row => row.Slot);
        Version = version;
    }

    public bool WentBack(ClusterView view) => view.AssignmentVersion < Version;

    /// <summary>Takes a view that did not go back.</summary>
    /// <param name="after">What it was asked for.</param>
    /// <returns>Slots whose rows are gone. Rows that were removed do not show among changed ones, but by the target sets that went with them; a full view then settles it.</returns>
    public IReadOnlyList<SlotKey> Accept(ClusterView view, long after)
    {
        IReadOnlyList<SlotKey> removed = [];
        if (after == 0)
        {
            var present = view.Changed.Select(row => row.Slot).ToHashSet();
            removed = [.. _rows.Keys.Where(slot => !present.Contains(slot)).Order()];
            _rows = _rows.RemoveRange(removed);
            _fullAt = view.AssignmentVersion;
        }

        // What is not wanted any more is only told, and soon forgotten by the store too.
        _rows = _rows.SetItems(view.Changed.Select(row => KeyValuePair.Create(row.Slot, row)))
            .RemoveRange(view.Changed.Where(row => RowReasons.IsUnwanted(row.Reason)).Select(row => row.Slot));
        Version = view.AssignmentVersion;
        _needsAll = _fullAt < Version && _rows.Values.Any(row => !view.TargetSetVersions.ContainsKey(new BucketRef(row.Slot.Bucket, row.Count)));
        return removed;
    }

    /// <summary>Whether a full view is wanted before anything else.</summary>
    public bool NeedsAll => _needsAll;
}
