namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>
/// A list that only grows: pages are filled and never moved, so whoever was told of an item reads it while the one writer adds others. The writer tells
/// through something that orders memory, such as a lock.
/// </summary>
internal sealed class PagedList<T>
{
    private const int PageLog2 = 10;
    private const int PageCount = 1 << PageLog2;

    /// <summary>Replaced when it grows.</summary>
    private T[][] _pages = [];

    public uint Count { get; private set; }

    public T this[uint number] => _pages[number >> PageLog2][number & (PageCount - 1)];

    /// <summary>Returns the item's number.</summary>
    public uint Add(T item)
    {
        var number = Count++;
        if (number >> PageLog2 == _pages.Length)
        {
            Volatile.Write(ref _pages, [.. _pages, new T[PageCount]]);
        }

        _pages[number >> PageLog2][number & (PageCount - 1)] = item;
        return number;
    }
}
