namespace ScrapeCluster.Storage.Index;

/// <summary>
/// The label pair ids of every series, one run a series, in pages; a freed run is used again for a series of as many labels.
/// One writer; a run does not change while a reader can hold its series.
/// </summary>
internal sealed class LabelRuns
{
    private const int PageLog2 = 15;
    private const int PageIds = 1 << PageLog2;

    private readonly Dictionary<int, Stack<uint>> _free = [];
    private uint[][] _pages = [new uint[PageIds]];
    private uint _end;

    public uint Store(ReadOnlySpan<uint> ids)
    {
        var at = Allocate(ids.Length);
        ids.CopyTo(_pages[at >> PageLog2].AsSpan((int)(at & (PageIds - 1))));
        return at;
    }

    public ReadOnlySpan<uint> Read(uint at, int count)
    {
        return _pages[at >> PageLog2].AsSpan((int)(at & (PageIds - 1)), count);
    }

    public void Free(uint at, int count)
    {
        if (!_free.TryGetValue(count, out var runs))
        {
            _free[count] = runs = new Stack<uint>();
        }

        runs.Push(at);
    }

    private uint Allocate(int count)
    {
        if (_free.TryGetValue(count, out var runs) && runs.TryPop(out var at))
        {
            return at;
        }

        if (PageIds - (_end & (PageIds - 1)) < (uint)count || _end >> PageLog2 == _pages.Length)
        {
            _end = (uint)_pages.Length << PageLog2;
            Volatile.Write(ref _pages, [.. _pages, new uint[Math.Max(PageIds, count)]]);
        }

        at = _end;
        _end += (uint)count;
        return at;
    }
}
