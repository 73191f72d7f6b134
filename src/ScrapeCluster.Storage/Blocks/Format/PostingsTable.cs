using System.Diagnostics.CodeAnalysis;
using ScrapeCluster.Storage.Index;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>A label name and where the entries of its values stand in the postings offset table.</summary>
internal sealed class LabelRange(byte[] name, long start, int firstPlace)
{
    public byte[] Name { get; } = name;

    /// <summary>Offset of the first entry in the file.</summary>
    public long Start { get; } = start;

    public int FirstPlace { get; } = firstPlace;

    public int ValueCount { get; set; }
}

/// <summary>
/// Finds the series list of a label pair. In memory are the label names and, as for symbols, the place of every 32nd value of each.
/// The entry without name and value is that of all series.
/// </summary>
internal sealed class PostingsTable
{
    private const int Stride = 32;

    /// <summary>Enough for almost every entry; for others it grows.</summary>
    private const int EntryGuessBytes = 256;

    private readonly long _start;
    private readonly long _end;
    private readonly uint[] _places;
    private readonly Dictionary<byte[], LabelRange> _ranges;

    private PostingsTable(long start, long end, uint[] places, Dictionary<byte[], LabelRange> ranges)
    {
        _start = start;
        _end = end;
        _places = places;
        _ranges = ranges;
    }

    /// <summary>Label names with their values, in the order of the file; the entry of all series is not among them.</summary>
    public IEnumerable<LabelRange> Names => _ranges.Values.Where(range => range.Name.Length > 0).OrderBy(range => range.Start);

    /// <summary>Walks the whole section and checks its checksum.</summary>
    public static PostingsTable Load(BlockFile file, long start)
    {
        var ranges = new Dictionary<byte[], LabelRange>(Utf8Comparer.Instance);
        if (start == 0)
        {
            return new PostingsTable(0, 0, [], ranges);
        }

        using var section = IndexSection.Open(file, start, out var count);
        var places = new List<uint>((int)(IndexSection.Checked(file, start, count, minEntryBytes: 4) / Stride) + 1);
        LabelRange? current = null;
        for (var i = 0u; i < count; i++)
        {
            var at = section.Position;
            _ = section.UVarint();
            var name = section.Text();
            if (current is null || !name.SequenceEqual(current.Name))
            {
                current = new LabelRange(name.ToArray(), at, places.Count);
                if (!ranges.TryAdd(current.Name, current))
                {
                    throw file.Damage(at, "the values of a label stand in two places of the postings table");
                }
            }

            if (current.ValueCount++ % Stride == 0)
            {
                places.Add((uint)(at - start));
            }

            section.SkipText();
            _ = section.UVarint();
        }

        var end = section.Position;
        IndexSection.Close(file, start, section);
        return new PostingsTable(start, end, [.. places], ranges);
    }

    public bool TryFindName(ReadOnlySpan<byte> name, [NotNullWhen(true)] out LabelRange? range)
    {
        return _ranges.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out range);
    }

    /// <summary>Where in the file the series list of the pair begins.</summary>
    public bool TryFind(PagedReader pages, LabelRange range, ReadOnlySpan<byte> value, out long postings)
    {
        // The last stride whose first value is not above the one sought.
        var low = 0;
        var high = (range.ValueCount + Stride - 1) / Stride;
        while (low < high)
        {
            var middle = (low + high) / 2;
            _ = EntryAt(pages, PlaceOf(range, middle), out var first, out _);
            if (first.SequenceCompareTo(value) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        postings = 0;
        if (low == 0)
        {
            return false;
        }

        var place = PlaceOf(range, low - 1);
        var count = Math.Min(Stride, range.ValueCount - ((low - 1) * Stride));
        for (var i = 0; i < count; i++)
        {
            place = EntryAt(pages, place, out var found, out postings);
            var order = found.SequenceCompareTo(value);
            if (order >= 0)
            {
                return order == 0;
            }
        }

        return false;
    }

    /// <summary>Walks the values of a label in their order.</summary>
    public LabelValueScan Values(BlockFile file, LabelRange range) => new(new FileScanner(file, range.Start, _end), range.ValueCount);

    private long PlaceOf(LabelRange range, int stride) => _start + _places[range.FirstPlace + stride];

    /// <summary>Gives the place behind the entry.</summary>
    private long EntryAt(PagedReader pages, long place, out ReadOnlySpan<byte> value, out long postings)
    {
        for (var size = EntryGuessBytes; ; size *= 4)
        {
            var bytes = pages.ReadUpTo(place, (int)Math.Min(size, _end - place));
            var cursor = new RecordCursor(bytes);
            _ = cursor.UVarint();
            _ = cursor.Text();
            value = cursor.Text();
            postings = (long)cursor.UVarint();
            if (!cursor.IsBroken)
            {
                return place + cursor.Position;
            }

            if (bytes.Length < size)
            {
                throw pages.File.Damage(place, "an entry of the postings table cannot be read");
            }
        }
    }
}
