using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// The sorted texts of an index, found by number or by bytes. Only the place of every 32nd is in memory (four bytes each), never a text: a million of
/// them take 125 kB.
/// </summary>
internal sealed class SymbolTable
{
    private const int Stride = 32;
    private const int MaxLengthBytes = 10;

    private readonly long _start;
    private readonly uint[] _places;

    private SymbolTable(long start, uint count, uint[] places)
    {
        _start = start;
        Count = count;
        _places = places;
    }

    public uint Count { get; }

    /// <summary>Walks the whole section and checks its checksum.</summary>
    public static SymbolTable Load(BlockFile file, long start)
    {
        if (start == 0)
        {
            return new SymbolTable(0, 0, []);
        }

        using var section = IndexSection.Open(file, start, out var count);
        var places = new uint[IndexSection.Checked(file, start, count, minEntryBytes: 1) / Stride + 1];
        for (var i = 0u; i < count; i++)
        {
            if (i % Stride == 0)
            {
                places[i / Stride] = (uint)(section.Position - start);
            }

            section.SkipText();
        }

        IndexSection.Close(file, start, section);
        return new SymbolTable(start, count, places);
    }

    public ReadOnlySpan<byte> Get(PagedReader pages, uint number)
    {
        if (number >= Count)
        {
            throw pages.File.Damage(_start, $"symbol {number} is asked for, there are {Count}");
        }

        var place = _start + _places[number / Stride];
        for (var i = number % Stride; ; i--)
        {
            var length = LengthAt(pages, ref place);
            if (i == 0)
            {
                return pages.Read(place, length);
            }

            place += length;
        }
    }

    public bool TryFind(PagedReader pages, ReadOnlySpan<byte> text, out uint number)
    {
        // The last stride whose first text is not above the one sought.
        var low = 0u;
        var high = (Count + Stride - 1) / Stride;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Get(pages, middle * Stride).SequenceCompareTo(text) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        number = 0;
        return low > 0 && TryFindFrom(pages, (low - 1) * Stride, text, out number);
    }

    private bool TryFindFrom(PagedReader pages, uint first, ReadOnlySpan<byte> text, out uint number)
    {
        var place = _start + _places[first / Stride];
        for (number = first; number < Count && number < first + Stride; number++)
        {
            var length = LengthAt(pages, ref place);
            var order = pages.Read(place, length).SequenceCompareTo(text);
            if (order >= 0)
            {
                return order == 0;
            }

            place += length;
        }

        return false;
    }

    private static int LengthAt(PagedReader pages, ref long place)
    {
        var cursor = new RecordCursor(pages.ReadUpTo(place, MaxLengthBytes));
        var length = cursor.UVarint();
        if (cursor.IsBroken || length > int.MaxValue)
        {
            throw pages.File.Damage(place, "the length of a symbol cannot be read");
        }

        place += cursor.Position;
        return (int)length;
    }
}
