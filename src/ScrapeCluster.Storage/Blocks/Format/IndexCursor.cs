using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>Reads one index for one query: with a small cache of its pages and of the symbols met last. For one thread.</summary>
internal sealed class IndexCursor(IndexReader index) : IDisposable
{
    private const int CachedSymbols = 1024;
    private const int MaxVarintBytes = 10;
    private const int ChecksumBytes = sizeof(uint);

    /// <summary>Of one series or list, whatever a damaged length says.</summary>
    private const int MaxBytes = 1 << 30;

    private readonly PagedReader _pages = new(index.File);
    private readonly (uint Number, byte[]? Text)[] _symbols = new (uint, byte[]?)[CachedSymbols];

    public IndexReader Index => index;

    /// <summary>The text of a symbol; may be kept.</summary>
    public byte[] Symbol(uint number)
    {
        ref var cached = ref _symbols[number % CachedSymbols];
        if (cached.Text is null || cached.Number != number)
        {
            cached = (number, index.Symbols.Get(_pages, number).ToArray());
        }

        return cached.Text;
    }

    public bool TryFindSymbol(ReadOnlySpan<byte> text, out uint number) => index.Symbols.TryFind(_pages, text, out number);

    /// <summary>Reads the series of a number that a series list gave.</summary>
    public void ReadSeries(uint series, SeriesEntry entry)
    {
        var at = (long)series * SeriesEntry.Alignment;
        var cursor = new RecordCursor(_pages.ReadUpTo(at, MaxVarintBytes));
        var length = cursor.UVarint();
        if (cursor.IsBroken || length > (ulong)Math.Min(index.File.Length - at, MaxBytes))
        {
            throw index.File.Damage(at, "the length of a series cannot be read");
        }

        var bytes = _pages.Read(at + cursor.Position, (int)length + ChecksumBytes);
        var body = bytes[..(int)length];
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[(int)length..]) != WalChecksum.Compute(body))
        {
            throw index.File.Damage(at, "a series does not match its checksum");
        }

        if (!entry.TryDecode(body))
        {
            throw index.File.Damage(at, "a series cannot be decoded");
        }
    }

    public bool TryFindPostings(LabelRange range, ReadOnlySpan<byte> value, out long postings)
    {
        return index.Postings.TryFind(_pages, range, value, out postings);
    }

    public LabelValueScan Values(LabelRange range) => index.Postings.Values(index.File, range);

    /// <summary>The numbers of all series, ascending, which is the order of their labels.</summary>
    public uint[] AllSeries()
    {
        var found = new PostingsBuffer();
        if (index.Postings.TryFindName([], out var all) && TryFindPostings(all, [], out var postings))
        {
            ReadPostings(postings, found);
        }

        return found.ToSorted();
    }

    /// <summary>How many series a list has.</summary>
    public int CountPostings(long at)
    {
        var head = _pages.Read(at, 2 * sizeof(uint));
        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        var count = BinaryPrimitives.ReadUInt32BigEndian(head[sizeof(uint)..]);
        return length == sizeof(uint) + ((long)count * sizeof(uint)) && length <= Math.Min(index.File.Length - at, MaxBytes)
            ? (int)count
            : throw index.File.Damage(at, $"a series list of {count} entries and {length} bytes is none");
    }

    /// <summary>Adds a series list to those in the buffer.</summary>
    public void ReadPostings(long at, PostingsBuffer found)
    {
        var size = ((1 + CountPostings(at)) * sizeof(uint)) + ChecksumBytes;
        var rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var bytes = rented.AsSpan(0, size);
            _pages.ReadInto(bytes, at + sizeof(uint));
            if (BinaryPrimitives.ReadUInt32BigEndian(bytes[^ChecksumBytes..]) != WalChecksum.Compute(bytes[..^ChecksumBytes]))
            {
                throw index.File.Damage(at, "a series list does not match its checksum");
            }

            var entries = MemoryMarshal.Cast<byte, uint>(bytes[sizeof(uint)..^ChecksumBytes]);
            var target = found.Add(entries.Length);
            if (BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.ReverseEndianness(entries, target);
            }
            else
            {
                entries.CopyTo(target);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public void Dispose() => _pages.Dispose();
}
