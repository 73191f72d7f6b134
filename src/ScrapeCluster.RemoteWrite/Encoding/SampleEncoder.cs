using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite.Client;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>A request ready to be sent.</summary>
/// <param name="Body">Valid until its encoder is used again.</param>
/// <param name="Samples">How many the receiver is to write; 0 when the request carries metadata only.</param>
internal readonly record struct EncodedRequest(ReadOnlyMemory<byte> Body, RemoteWriteMessage Message, int Samples)
{
    public int Length => Body.Length;
}

/// <summary>Encodes as the receiver understands it at present. One instance serves one shard.</summary>
internal sealed class SampleEncoder(WireFormat format)
{
    private WriteRequestEncoder? _v1;
    private WriteV2Encoder? _v2;

    /// <summary>Valid until the next call.</summary>
    public EncodedRequest Encode(ReadOnlySpan<PendingSample> samples)
    {
        if (format.Message == RemoteWriteMessage.V1)
        {
            _v2 = null;
            _v1 ??= new WriteRequestEncoder();
            return new EncodedRequest(_v1.Encode(samples), RemoteWriteMessage.V1, samples.Length);
        }

        format.Families?.Refresh();
        _v2 ??= new WriteV2Encoder(format.Families);
        return new EncodedRequest(_v2.Encode(samples), RemoteWriteMessage.V2, samples.Length);
    }

    /// <summary>True when the receiver has meanwhile turned out not to understand the request's message.</summary>
    public bool IsOutdated(EncodedRequest request) => request.Message != format.Message;
}
