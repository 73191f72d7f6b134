using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// The series of a target as bytes, on their way from one node to another:
/// <code>
/// version (1 byte) | XxHash64 of the unpacked bytes (8, little-endian) | their number (4, little-endian) | the unpacked bytes, deflated
/// unpacked, for each series: length of the text * 4 + type (varint) | text, as exposed
/// </code>
/// The type is that of the TYPE line above the series, 1 histogram, 2 summary, 0 any other: it decides how <c>le</c> and <c>quantile</c> are read.
/// </summary>
/// <remarks>What comes from a peer is not trusted: nothing is allocated before its size is known to be bounded and possible.</remarks>
internal static class SeriesLines
{
    public const int MaxUnpackedBytes = 64 << 20;
    public const int HeaderBytes = 13;
    public const byte Version = 1;

    // No deflated byte stands for more (https://zlib.net/zlib_tech.html), and an empty stream has a few bytes.
    private const long MostPerDeflatedByte = 1032;

    public static bool TryUnpack(ReadOnlySpan<byte> packed, [NotNullWhen(true)] out UnpackedLines? lines, [NotNullWhen(false)] out string? fault)
    {
        lines = null;
        if (packed.Length < HeaderBytes || packed[0] != Version)
        {
            fault = packed.Length < HeaderBytes ? $"{packed.Length} bytes are no series lines" : $"version {packed[0]} of series lines is not known here";
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(packed[9..]);
        var deflated = packed[HeaderBytes..];
        if (length < 0 || length > MaxUnpackedBytes || length > deflated.Length * MostPerDeflatedByte)
        {
            fault = $"{deflated.Length} bytes cannot hold {length}, of at most {MaxUnpackedBytes}";
            return false;
        }

        var unpacked = Inflate(deflated, length);
        if (unpacked is null || XxHash64.Hash(unpacked) != BinaryPrimitives.ReadUInt64LittleEndian(packed[1..]) || !UnpackedLines.IsWhole(unpacked))
        {
            fault = "they are damaged";
            return false;
        }

        lines = new UnpackedLines(unpacked);
        fault = null;
        return true;
    }

    internal static byte[] Pack(ReadOnlySpan<byte> unpacked)
    {
        using var packed = new MemoryStream();
        Span<byte> header = stackalloc byte[HeaderBytes];
        header[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(header[1..], XxHash64.Hash(unpacked));
        BinaryPrimitives.WriteInt32LittleEndian(header[9..], unpacked.Length);
        packed.Write(header);
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(unpacked);
        }

        return packed.ToArray();
    }

    /// <summary>Null when it is not exactly so many bytes.</summary>
    private static byte[]? Inflate(ReadOnlySpan<byte> deflated, int length)
    {
        var unpacked = new byte[length];
        try
        {
            using var stream = new DeflateStream(new MemoryStream(deflated.ToArray()), CompressionMode.Decompress);
            return stream.ReadAtLeast(unpacked, length, throwOnEndOfStream: false) == length && stream.ReadByte() < 0 ? unpacked : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
