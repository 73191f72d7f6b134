using System.Runtime.InteropServices;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Index;

/// <summary>
/// From a label set, as its pair ids in name order, to the row: open addressing over words of hash and row. For the writer only.
/// </summary>
internal sealed class SeriesByLabels(SeriesTable table, LabelRuns runs)
{
    private const uint Removed = uint.MaxValue;

    private readonly ulong _seed = unchecked((ulong)Random.Shared.NextInt64());
    private ulong[] _slots = new ulong[1024];
    private int _filled;
    private int _removed;

    public int Count => _filled - _removed;

    public uint Find(ReadOnlySpan<uint> ids)
    {
        var hash = Hash(ids);
        for (var at = Home(hash, _slots); ; at = (at + 1) & (_slots.Length - 1))
        {
            var slot = _slots[at];
            if (slot == 0)
            {
                return SeriesTable.None;
            }

            if (slot >> 32 == hash && (uint)slot != Removed && Same((uint)slot, ids))
            {
                return (uint)slot;
            }
        }
    }

    /// <summary>Adds a row that is not there yet.</summary>
    public void Add(ReadOnlySpan<uint> ids, uint row)
    {
        if ((_filled + 1) * 4L > _slots.Length * 3L)
        {
            Rebuild();
        }

        Insert(_slots, Hash(ids), row);
        _filled++;
    }

    public void Remove(ReadOnlySpan<uint> ids, uint row)
    {
        var hash = Hash(ids);
        for (var at = Home(hash, _slots); _slots[at] != 0; at = (at + 1) & (_slots.Length - 1))
        {
            if (_slots[at] == (((ulong)hash << 32) | row))
            {
                _slots[at] = ((ulong)hash << 32) | Removed;
                _removed++;
                return;
            }
        }
    }

    private bool Same(uint row, ReadOnlySpan<uint> ids)
    {
        ref var series = ref table.Row(row);
        return series.LabelCount == ids.Length && runs.Read(series.LabelsAt, ids.Length).SequenceEqual(ids);
    }

    private void Rebuild()
    {
        var size = _slots.Length;
        if (Count * 2L > size)
        {
            size *= 2;
        }

        var slots = new ulong[size];
        foreach (var slot in _slots)
        {
            if (slot != 0 && (uint)slot != Removed)
            {
                Insert(slots, (uint)(slot >> 32), (uint)slot);
            }
        }

        _filled = Count;
        _removed = 0;
        _slots = slots;
    }

    private static void Insert(ulong[] slots, uint hash, uint row)
    {
        var at = Home(hash, slots);
        while (slots[at] != 0)
        {
            at = (at + 1) & (slots.Length - 1);
        }

        slots[at] = ((ulong)hash << 32) | row;
    }

    private static int Home(uint hash, ulong[] slots) => (int)(hash & (uint)(slots.Length - 1));

    private uint Hash(ReadOnlySpan<uint> ids) => (uint)(XxHash64.Hash(MemoryMarshal.AsBytes(ids), _seed) >> 32);
}
