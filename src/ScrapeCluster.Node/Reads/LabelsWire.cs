using Google.Protobuf;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Reads;

/// <summary>Label sets travel in their packed form, bytes as they were exposed.</summary>
internal static class LabelsWire
{
    public static ByteString Write(Labels labels) => ByteString.CopyFrom(labels.Packed);

    public static Labels Read(ByteString packed)
    {
        return Labels.TryUnpack(packed.Span, out var labels) ? labels : throw new InvalidDataException("a label set is damaged");
    }
}
