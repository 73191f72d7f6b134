using System.Buffers.Binary;
using System.Globalization;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Chunks;

/// <summary>One chunk in a file: whose it is, when, and the XOR bytes behind the two of the count.</summary>
internal readonly ref struct ChunkFileEntry(ulong seriesRef, long minMs, long maxMs, byte encoding, ReadOnlySpan<byte> data, int length)
{
    public ulong SeriesRef { get; } = seriesRef;

    public long MinMs { get; } = minMs;

    public long MaxMs { get; } = maxMs;

    public bool IsXor { get; } = encoding == ChunkFileFormat.XorEncoding && data.Length >= 2;

    public int SampleCount => BinaryPrimitives.ReadUInt16BigEndian(Data);

    public ReadOnlySpan<byte> Data { get; } = data;

    /// <summary>Bytes of the whole entry.</summary>
    public int Length { get; } = length;
}

/// <summary>
/// Files of <c>chunks_head</c> (Prometheus tsdb/docs/format/head_chunks.md): a header of eight bytes, then entries of
/// <c>series ref u64 | min time u64 | max time u64 | encoding u8 | length uvarint | data | CRC32C u32</c>, big-endian.
/// </summary>
internal static class ChunkFileFormat
{
    public const int HeaderBytes = 8;
    public const byte XorEncoding = 1;

    /// <summary>No entry of a float chunk takes more, whether made here or by Prometheus.</summary>
    public const int MaxXorEntryBytes = FixedBytes + 2 + ChunkCut.MaxBytes + ChecksumBytes;

    /// <summary>Most take less.</summary>
    public const int UsualXorEntryBytes = 1100;

    private const uint Magic = 0x0130BC91;
    private const byte Version = 1;
    private const int FixedBytes = 25;
    private const int ChecksumBytes = 4;

    public static string PathOf(string directory, int number) => Path.Combine(directory, number.ToString("D6", CultureInfo.InvariantCulture));

    /// <summary>Numbers of the files in the directory, ascending.</summary>
    public static IReadOnlyList<int> Numbers(string directory)
    {
        return
        [
            .. Reading.ListIfThere(directory, Directory.EnumerateFiles)
                .Select(static path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
                .Where(static number => number > 0)
                .Order(),
        ];
    }

    public static void WriteHeader(Span<byte> destination)
    {
        destination[..HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(destination, Magic);
        destination[4] = Version;
    }

    public static bool IsHeader(ReadOnlySpan<byte> bytes)
    {
        return bytes.Length >= HeaderBytes && BinaryPrimitives.ReadUInt32BigEndian(bytes) == Magic && bytes[4] == Version;
    }

    /// <summary>Writes an entry for a chunk in memory and gives its length.</summary>
    public static int WriteEntry(Span<byte> destination, ulong seriesRef, long minMs, long maxMs, ChunkRef chunk, ChunkBlocks blocks)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, seriesRef);
        BinaryPrimitives.WriteInt64BigEndian(destination[8..], minMs);
        BinaryPrimitives.WriteInt64BigEndian(destination[16..], maxMs);
        destination[24] = XorEncoding;
        var length = chunk.LengthBytes + 2;
        var at = FixedBytes;
        if (length >= 0x80)
        {
            destination[at++] = (byte)(length | 0x80);
        }

        destination[at++] = (byte)(length >= 0x80 ? length >> 7 : length);
        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)chunk.SampleCount);
        blocks.Copy(chunk.FirstBlock, destination.Slice(at + 2, chunk.LengthBytes));
        at += length;
        BinaryPrimitives.WriteUInt32BigEndian(destination[at..], WalChecksum.Compute(destination[..at]));
        return at + ChecksumBytes;
    }

    /// <summary>Reads the entry at the front; false when it is cut short or its checksum is wrong.</summary>
    public static bool TryReadEntry(ReadOnlySpan<byte> bytes, out ChunkFileEntry entry)
    {
        entry = default;
        if (!TryReadLength(bytes, out var at, out var length)
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + length)..]) != WalChecksum.Compute(bytes[..(at + length)]))
        {
            return false;
        }

        entry = new ChunkFileEntry(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[16..]),
            bytes[24],
            bytes.Slice(at, length),
            at + length + ChecksumBytes);
        return true;
    }

    /// <summary>Where the entry at the front ends by its own word, whether its checksum is right or not; false when it is cut short.</summary>
    public static bool TryReadEnd(ReadOnlySpan<byte> bytes, out int end)
    {
        var isWhole = TryReadLength(bytes, out var at, out var length);
        end = at + length + ChecksumBytes;
        return isWhole;
    }

    /// <summary>Place and length of the data of the entry at the front; false when it does not fit in, checksum included.</summary>
    private static bool TryReadLength(ReadOnlySpan<byte> bytes, out int at, out int length)
    {
        at = FixedBytes;
        length = 0;
        if (bytes.Length < FixedBytes + 1 + ChecksumBytes)
        {
            return false;
        }

        long value = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (at == bytes.Length || shift > 28)
            {
                return false;
            }

            var part = bytes[at++];
            value |= (long)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                break;
            }
        }

        if (value > bytes.Length - at - ChecksumBytes)
        {
            return false;
        }

        length = (int)value;
        return true;
    }
}
