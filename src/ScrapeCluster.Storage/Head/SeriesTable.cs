using System.Runtime.CompilerServices;

namespace ScrapeCluster.Storage.Head;

/// <summary>
/// The rows of all series, in pages, so that growth copies nothing and references to rows stay valid. Row numbers start at 1
/// and are used again; references of series (<see cref="SeriesRefs"/>) never are.
/// </summary>
internal sealed class SeriesTable
{
    public const uint None = 0;
    public const int PageRows = 1 << PageLog2;
    private const int PageLog2 = 12;

    private readonly Stack<uint> _free = new();
    private Page[] _pages = [new Page()];
    private uint _end = 1;

    /// <summary>All rows in use are below.</summary>
    public uint End => Volatile.Read(ref _end);

    public uint Allocate()
    {
        if (_free.TryPop(out var row))
        {
            return row;
        }

        row = _end;
        if (row >> PageLog2 == _pages.Length)
        {
            Volatile.Write(ref _pages, [.. _pages, new Page()]);
        }

        Volatile.Write(ref _end, row + 1);
        return row;
    }

    public void Free(uint row)
    {
        Row(row) = default;
        _free.Push(row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref SeriesRow Row(uint row) => ref _pages[row >> PageLog2].Rows[row & (PageRows - 1)];

    public ref ulong Ref(uint row) => ref _pages[row >> PageLog2].Refs[row & (PageRows - 1)];

    /// <summary>Where in which batch the row was last seen: the appender's mark.</summary>
    public ref uint Stamp(uint row) => ref _pages[row >> PageLog2].Stamps[row & (PageRows - 1)];

    private sealed class Page
    {
        public readonly SeriesRow[] Rows = new SeriesRow[PageRows];
        public readonly ulong[] Refs = new ulong[PageRows];
        public readonly uint[] Stamps = new uint[PageRows];
    }
}
