using System.Collections.Concurrent;

namespace ScrapeCluster.Storage.Head;

/// <summary>
/// From the reference that loops and the WAL hold to the row: pages of consecutive references, dropped when no series of them is
/// left, found by number, so that one absurd reference in a damaged WAL costs one page. One writer; any thread may look up.
/// </summary>
internal sealed class SeriesRefs
{
    private const int PageLog2 = 10;
    private const ulong PageMask = (1 << PageLog2) - 1;

    private readonly ConcurrentDictionary<ulong, Page> _pages = new();
    private Page _lastPage = new();
    private ulong _lastNumber = ulong.MaxValue;

    /// <summary>Highest reference ever given or read.</summary>
    public ulong Highest { get; private set; }

    public ulong Next() => Highest + 1;

    /// <summary>The writer's look-up: 0 when unknown. Neighbours in a batch are mostly neighbours here.</summary>
    public uint Find(ulong seriesRef)
    {
        var number = seriesRef >> PageLog2;
        if (number != _lastNumber)
        {
            if (!_pages.TryGetValue(number, out var page))
            {
                return SeriesTable.None;
            }

            _lastPage = page;
            _lastNumber = number;
        }

        return _lastPage.Rows[seriesRef & PageMask];
    }

    /// <summary>For any thread.</summary>
    public bool Contains(ulong seriesRef)
    {
        return _pages.TryGetValue(seriesRef >> PageLog2, out var page) && Volatile.Read(ref page.Rows[seriesRef & PageMask]) != SeriesTable.None;
    }

    public void Set(ulong seriesRef, uint row)
    {
        var page = _pages.GetOrAdd(seriesRef >> PageLog2, static _ => new Page());
        ref var slot = ref page.Rows[seriesRef & PageMask];
        page.Live += slot == SeriesTable.None ? 1 : 0;
        Volatile.Write(ref slot, row);
        Highest = Math.Max(Highest, seriesRef);
    }

    /// <summary>Takes note of a reference that is used in the WAL, so that it is never given again.</summary>
    public void Reserve(ulong seriesRef) => Highest = Math.Max(Highest, seriesRef);

    public void Remove(ulong seriesRef)
    {
        var number = seriesRef >> PageLog2;
        if (!_pages.TryGetValue(number, out var page) || page.Rows[seriesRef & PageMask] == SeriesTable.None)
        {
            return;
        }

        Volatile.Write(ref page.Rows[seriesRef & PageMask], SeriesTable.None);
        if (--page.Live == 0)
        {
            _pages.TryRemove(number, out _);
            _lastNumber = _lastNumber == number ? ulong.MaxValue : _lastNumber;
        }
    }

    private sealed class Page
    {
        public readonly uint[] Rows = new uint[1 << PageLog2];
        public int Live;
    }
}
