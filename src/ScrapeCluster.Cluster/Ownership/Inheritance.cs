using System.Diagnostics.CodeAnalysis;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>Series lines of other nodes' slots, kept packed for the case that their owner dies, within a budget of bytes.</summary>
internal sealed class Inheritance(long maxBytes)
{
    private readonly Dictionary<SlotKey, Kept> _slots = [];

    private sealed class Kept(string from, int count)
    {
        public string From { get; } = from;

        public int Count { get; } = count;

        public Dictionary<ulong, byte[]> Lines { get; } = [];

        public long Bytes { get; set; }
    }

    public long Bytes { get; private set; }

    public IEnumerable<(SlotKey Slot, int Count)> Slots => _slots.Select(slot => (slot.Key, slot.Value.Count));

    public bool Holds(SlotKey slot) => _slots.ContainsKey(slot);

    /// <summary>
    /// False when it cannot be kept: what is there of the slot is of another owner, or of none, and these are only changes; or the budget is used up, and then
    /// all of the slot is forgotten, since half of it would be taken for the whole.
    /// </summary>
    /// <param name="replaces">The first of all lines of the slot; else changes to those that are kept.</param>
    public bool Keep(SlotKey slot, int count, string from, IReadOnlyList<TargetLines> lines, bool replaces)
    {
        if (replaces)
        {
            Forget(slot);
            _slots.Add(slot, new Kept(from, count));
        }

        if (!_slots.TryGetValue(slot, out var kept) || kept.From != from || kept.Count != count)
        {
            return false;
        }

        foreach (var line in lines)
        {
            var added = line.Packed.Length - (kept.Lines.TryGetValue(line.TargetHash, out var before) ? before.Length : 0);
            kept.Lines[line.TargetHash] = line.Packed;
            kept.Bytes += added;
            Bytes += added;
        }

        if (Bytes <= maxBytes)
        {
            return true;
        }

        Forget(slot);
        return false;
    }

    /// <summary>Who bequeathed what is kept of the slot; null when nothing is.</summary>
    public string? FromOf(SlotKey slot) => _slots.GetValueOrDefault(slot)?.From;

    /// <summary>The slot is ours now, or its new owner needs them: its lines, which are kept no longer.</summary>
    public bool TryTake(SlotKey slot, [NotNullWhen(true)] out List<TargetLines>? lines)
    {
        lines = _slots.TryGetValue(slot, out var kept) ? [.. kept.Lines.Select(line => new TargetLines(line.Key, line.Value))] : null;
        Forget(slot);
        return lines is not null;
    }

    /// <summary>The slot has this owner: what another one bequeathed is old.</summary>
    public void KeepOnlyFrom(SlotKey slot, string owner)
    {
        if (_slots.TryGetValue(slot, out var kept) && kept.From != owner)
        {
            Forget(slot);
        }
    }

    /// <summary>What was kept of another bucket count is of other targets.</summary>
    public void KeepOnlyOf(SlotKey slot, int count)
    {
        if (_slots.TryGetValue(slot, out var kept) && kept.Count != count)
        {
            Forget(slot);
        }
    }

    public void Forget(SlotKey slot)
    {
        if (_slots.Remove(slot, out var kept))
        {
            Bytes -= kept.Bytes;
        }
    }

    public void Clear()
    {
        _slots.Clear();
        Bytes = 0;
    }
}
