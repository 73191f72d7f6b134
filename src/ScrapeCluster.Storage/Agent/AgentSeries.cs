using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Storage.Agent;

/// <summary>
/// All that an agent knows of its series: key, reference, time of the last sample. Some 45 bytes each, in pages of plain numbers that the collector does
/// not look into. One thread writes; others may ask <see cref="Refs"/> whether a reference is known.
/// </summary>
internal sealed class AgentSeries
{
    public const uint None = 0;
    private const int PageLog2 = 12;
    private const int PageRows = 1 << PageLog2;
    private const uint Removed = uint.MaxValue;

    private readonly Stack<uint> _free = new();
    private readonly List<Page> _pages = [new Page()];

    /// <summary>Open addressing from the key to the row; 0 = never used.</summary>
    private uint[] _slots = new uint[1024];
    private int _filled;
    private int _count;

    public SeriesRefs Refs { get; } = new();

    /// <summary>What the log says of the series; null when it is not kept.</summary>
    public MetadataTable? Metadata { get; init; }

    /// <summary>For any thread.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>All rows in use are below.</summary>
    public uint End { get; private set; } = 1;

    /// <summary>The row of the series; <see cref="None"/> when there is none.</summary>
    public uint Find(LabelsKey key)
    {
        for (var at = Home(key, _slots); ; at = (at + 1) & (_slots.Length - 1))
        {
            var row = _slots[at];
            if (row == None || (row != Removed && KeyOf(row) == key))
            {
                return row;
            }
        }
    }

    /// <summary>Adds a series that is not there yet; it has no sample.</summary>
    public uint Add(LabelsKey key, ulong seriesRef)
    {
        if ((_filled + 1) * 4L > _slots.Length * 3L)
        {
            Rebuild();
        }

        var row = Allocate();
        var page = _pages[(int)(row >> PageLog2)];
        var index = row & (PageRows - 1);
        (page.Keys[index], page.Refs[index], page.LastMs[index]) = (key, seriesRef, long.MinValue);
        Insert(_slots, row);
        _filled++;
        Refs.Set(seriesRef, row);
        Volatile.Write(ref _count, _count + 1);
        return row;
    }

    public void Remove(uint row)
    {
        var at = Home(KeyOf(row), _slots);
        while (_slots[at] != row)
        {
            at = (at + 1) & (_slots.Length - 1);
        }

        _slots[at] = Removed;
        Refs.Remove(Ref(row));
        Metadata?.Forget(row);
        _pages[(int)(row >> PageLog2)].Refs[row & (PageRows - 1)] = 0;
        _free.Push(row);
        Volatile.Write(ref _count, _count - 1);
    }

    /// <summary>0 where no series lives.</summary>
    public ulong Ref(uint row) => _pages[(int)(row >> PageLog2)].Refs[row & (PageRows - 1)];

    /// <summary>Time of the last sample; <see cref="long.MinValue"/> before the first.</summary>
    public ref long LastMs(uint row) => ref _pages[(int)(row >> PageLog2)].LastMs[row & (PageRows - 1)];

    private LabelsKey KeyOf(uint row) => _pages[(int)(row >> PageLog2)].Keys[row & (PageRows - 1)];

    private uint Allocate()
    {
        if (_free.TryPop(out var row))
        {
            return row;
        }

        if (End >> PageLog2 == _pages.Count)
        {
            _pages.Add(new Page());
        }

        return End++;
    }

    private void Rebuild()
    {
        var slots = new uint[_count * 2L > _slots.Length ? _slots.Length * 2 : _slots.Length];
        foreach (var row in _slots)
        {
            if (row is not (None or Removed))
            {
                Insert(slots, row);
            }
        }

        _slots = slots;
        _filled = _count;
    }

    private void Insert(uint[] slots, uint row)
    {
        var at = Home(KeyOf(row), slots);
        while (slots[at] != None)
        {
            at = (at + 1) & (slots.Length - 1);
        }

        slots[at] = row;
    }

    private static int Home(LabelsKey key, uint[] slots) => (int)(key.Low & (uint)(slots.Length - 1));

    private sealed class Page
    {
        public readonly LabelsKey[] Keys = new LabelsKey[PageRows];
        public readonly ulong[] Refs = new ulong[PageRows];
        public readonly long[] LastMs = new long[PageRows];
    }
}
