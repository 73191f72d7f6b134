using ScrapeCluster.Storage.Compression;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>Compresses messages into a buffer that is used again.</summary>
internal sealed class SnappyBody
{
    private readonly SnappyWindowEncoder _snappy = new();
    private byte[] _block = new byte[16 * 1024];

    /// <summary>Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Of(ReadOnlySpan<byte> message)
    {
        var max = SnappyWindowEncoder.MaxLength(message.Length);
        if (_block.Length < max)
        {
            _block = new byte[max];
        }

        return _block.AsMemory(0, _snappy.Encode(message, _block));
    }
}
