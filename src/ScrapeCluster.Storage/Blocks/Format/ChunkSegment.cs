using System.Buffers.Binary;
using System.Globalization;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>What readers and writers of <c>chunks/000001</c> and the files after it share.</summary>
internal static class ChunkSegment
{
    public const string FolderName = "chunks";
    public const int HeaderBytes = 8;
    public const int ChecksumBytes = sizeof(uint);

    /// <summary>As in Prometheus.</summary>
    public const long MaxBytes = 512L * 1024 * 1024;

    /// <summary>A chunk's length takes no more than this (Prometheus tsdb/chunks/chunks.go).</summary>
    public const int MaxLengthBytes = 5;

    private const uint Magic = 0x85BD40DD;
    private const byte Version = 1;

    /// <param name="file">Counted from 0.</param>
    public static string NameOf(int file) => (file + 1).ToString("D6", CultureInfo.InvariantCulture);

    public static void WriteHeader(BlockFileWriter file)
    {
        file.UInt32(Magic);
        file.Byte(Version);
        file.Pad(HeaderBytes);
    }

    public static void CheckHeader(BlockFile file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        file.Read(header, 0);
        if (BinaryPrimitives.ReadUInt32BigEndian(header) != Magic || header[4] != Version)
        {
            throw file.Damage(0, "not a file of chunks of version 1, it begins with other bytes");
        }
    }

    /// <summary>
    /// Reads chunk behind chunk, without an index, and tells of every one that does not match its checksum; a length that cannot be hides what is behind it.
    /// </summary>
    public static void CheckAll(BlockFile file, Action<BlockFile, long, string> tell, CancellationToken cancellation)
    {
        using var scanner = new FileScanner(file, HeaderBytes, file.Length);
        Span<byte> encoding = stackalloc byte[1];
        while (!scanner.AtEnd)
        {
            cancellation.ThrowIfCancellationRequested();
            var at = scanner.Position;
            var length = scanner.UVarint();
            if (length > (ulong)(file.Length - scanner.Position))
            {
                tell(file, at, $"a chunk of {length} bytes reaches over the end of the file: what is behind cannot be read");
                return;
            }

            encoding[0] = scanner.Byte();
            var checksum = WalChecksum.Compute(scanner.Bytes((int)length), WalChecksum.Compute(encoding));
            if (scanner.UInt32() != checksum)
            {
                tell(file, at, "a chunk does not match its checksum");
            }
        }
    }
}
