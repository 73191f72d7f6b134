using System.Buffers.Binary;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// <c>tombstones</c> of a block: what the delete API of Prometheus took out of it, by series number. Every block has the file; ours are empty.
/// </summary>
internal sealed class TombstonesFile
{
    public const string FileName = "tombstones";

    private const uint Magic = 0x0130BA30;
    private const byte Version = 1;
    private const int HeaderBytes = 5;
    private const int ChecksumBytes = sizeof(uint);

    private readonly Dictionary<ulong, List<DeletedRange>> _ranges = [];

    public bool IsEmpty => _ranges.Count == 0;

    /// <summary>Ranges, not series.</summary>
    public int Count => _ranges.Values.Sum(ranges => ranges.Count);

    /// <summary>A block without the file has nothing deleted.</summary>
    public static TombstonesFile Read(string path, IDataFiles? files = null)
    {
        var tombstones = new TombstonesFile();
        if ((files ?? DiskFiles.Instance).ReadAllIfThere(path) is not { } whole)
        {
            return tombstones;
        }

        var bytes = whole.AsSpan();
        if (bytes.Length < HeaderBytes + ChecksumBytes || BinaryPrimitives.ReadUInt32BigEndian(bytes) != Magic || bytes[4] != Version)
        {
            throw new BlockDamageException(path, 0, "not a file of tombstones of version 1");
        }

        // The version is not under the checksum, although it is in front of what is.
        var body = bytes[HeaderBytes..^ChecksumBytes];
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[^ChecksumBytes..]) != WalChecksum.Compute(body))
        {
            throw new BlockDamageException(path, HeaderBytes, "the tombstones do not match their checksum");
        }

        var cursor = new RecordCursor(body);
        while (!cursor.AtEnd)
        {
            tombstones.Add(cursor.UVarint(), new DeletedRange(cursor.Varint(), cursor.Varint()));
            if (cursor.IsBroken)
            {
                throw new BlockDamageException(path, HeaderBytes, "the last tombstone is cut");
            }
        }

        return tombstones;
    }

    /// <summary>The deleted ranges of a series, in no order; they may overlap.</summary>
    public IReadOnlyList<DeletedRange> Of(ulong series) => _ranges.TryGetValue(series, out var ranges) ? ranges : [];

    public void Add(ulong series, DeletedRange range)
    {
        if (!_ranges.TryGetValue(series, out var ranges))
        {
            _ranges[series] = ranges = [];
        }

        ranges.Add(range);
    }

    public void Write(IDataFiles files, string path)
    {
        var buffer = new RecordBuffer();
        foreach (var (series, ranges) in _ranges.OrderBy(entry => entry.Key))
        {
            foreach (var (minMs, maxMs) in ranges)
            {
                buffer.UVarint(series);
                buffer.Varint(minMs);
                buffer.Varint(maxMs);
            }
        }

        using var file = new BlockFileWriter(files, path);
        file.UInt32(Magic);
        file.Byte(Version);
        file.BeginChecksum();
        file.Write(buffer.Written);
        file.EndChecksum();
        file.Close();
    }
}
