using ZstdSharp;

namespace ScrapeCluster.Storage.Compression;

/// <summary>
/// Zstandard frames (RFC 8878), which Prometheus 3 writes where it is told to. Reading only, and by the package, whose exceptions end here: a damaged
/// frame is an answer. For one thread.
/// </summary>
internal sealed class ZstdDecoder : IDisposable
{
    /// <summary>No frame gives more for one of its bytes: a block of 128 KiB can be four bytes long.</summary>
    public const int MaxRatio = 128 * 1024 / 4;

    private readonly Decompressor _decompressor = new();

    /// <summary>A length that the content does not exceed: the one in the frame's header, or what its blocks could hold at most.</summary>
    public static bool TryReadMaxLength(ReadOnlySpan<byte> frame, out ulong length)
    {
        try
        {
            length = Decompressor.GetDecompressedSize(frame);
            return true;
        }
        catch (ZstdException)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>False when the frame is damaged or its content longer than the output, which then holds anything.</summary>
    public bool TryDecode(ReadOnlySpan<byte> frame, Span<byte> output, out int length)
    {
        try
        {
            return _decompressor.TryUnwrap(frame, output, out length);
        }
        catch (ZstdException)
        {
            length = 0;
            return false;
        }
    }

    public void Dispose() => _decompressor.Dispose();
}
