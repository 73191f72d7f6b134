using System.Buffers.Binary;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>The end of an index file: where its sections begin. 0 = the section is not there.</summary>
internal readonly record struct IndexToc(
    long Symbols, long Series, long LabelIndices, long LabelIndexTable, long Postings, long PostingsTable)
{
    public const uint Magic = 0xBAAAD700;
    public const byte Version = 2;
    public const int HeaderBytes = 5;
    public const int Bytes = (6 * sizeof(ulong)) + sizeof(uint);

    public static IndexToc Read(BlockFile file)
    {
        if (file.Length < HeaderBytes + Bytes)
        {
            throw file.Damage(0, $"an index has at least {HeaderBytes + Bytes} bytes, this has {file.Length}");
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        file.Read(header, 0);
        if (BinaryPrimitives.ReadUInt32BigEndian(header) != Magic)
        {
            throw file.Damage(0, "not an index, it begins with other bytes");
        }

        if (header[4] != Version)
        {
            throw file.Damage(4, $"the index has version {header[4]}, only version {Version} is read here (Prometheus writes it since 2.1)");
        }

        var start = file.Length - Bytes;
        Span<byte> toc = stackalloc byte[Bytes];
        file.Read(toc, start);
        if (BinaryPrimitives.ReadUInt32BigEndian(toc[^4..]) != WalChecksum.Compute(toc[..^4]))
        {
            throw file.Damage(start, "the table of contents does not match its checksum");
        }

        return new IndexToc(At(toc, 0), At(toc, 1), At(toc, 2), At(toc, 3), At(toc, 4), At(toc, 5));
    }

    public void Write(BlockFileWriter file)
    {
        file.BeginChecksum();
        foreach (var offset in (ReadOnlySpan<long>)[Symbols, Series, LabelIndices, LabelIndexTable, Postings, PostingsTable])
        {
            file.UInt64((ulong)offset);
        }

        file.EndChecksum();
    }

    private static long At(ReadOnlySpan<byte> toc, int index) => BinaryPrimitives.ReadInt64BigEndian(toc[(index * sizeof(ulong))..]);
}
