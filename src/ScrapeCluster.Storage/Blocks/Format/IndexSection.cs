using System.Buffers.Binary;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>A section of an index that is walked whole: length (4 bytes), count of entries (4), entries, checksum over count and entries.</summary>
internal static class IndexSection
{
    private const int LengthBytes = sizeof(uint);
    private const int ChecksumBytes = sizeof(uint);

    /// <summary>A scanner at the first entry.</summary>
    public static FileScanner Open(BlockFile file, long start, out uint count)
    {
        Span<byte> lengthBytes = stackalloc byte[LengthBytes];
        file.Read(lengthBytes, start);
        var length = BinaryPrimitives.ReadUInt32BigEndian(lengthBytes);
        var end = start + LengthBytes + length;
        if (end + ChecksumBytes > file.Length)
        {
            throw file.Damage(start, $"a section of {length} bytes reaches over the end of the file of {file.Length} bytes");
        }

        var scanner = new FileScanner(file, start + LengthBytes, end);
        try
        {
            count = scanner.UInt32();
            return scanner;
        }
        catch
        {
            scanner.Dispose();
            throw;
        }
    }

    /// <summary>The count, unless so many entries cannot be in the file: a damaged one must not make a giant array.</summary>
    public static uint Checked(BlockFile file, long start, uint count, int minEntryBytes)
    {
        return count <= (file.Length - start) / minEntryBytes ? count : throw file.Damage(start, $"{count} entries do not fit into the file");
    }

    /// <summary>After the last entry: the section must end here and match its checksum.</summary>
    public static void Close(BlockFile file, long start, FileScanner scanner)
    {
        if (!scanner.AtEnd)
        {
            throw file.Damage(scanner.Position, "the section goes on behind its last entry");
        }

        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        file.Read(checksum, scanner.Position);
        if (BinaryPrimitives.ReadUInt32BigEndian(checksum) != scanner.Checksum)
        {
            throw file.Damage(start, "the section does not match its checksum");
        }
    }
}
