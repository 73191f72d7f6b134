using ScrapeCluster.Model;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <content>Exemplars and native histograms.</content>
internal sealed partial class WriteV2Encoder
{
    private byte[] _exemplarRefs = new byte[64];
    private byte[] _text = new byte[256];

    protected override void WriteExemplarLabels(MessageBuffer exemplar, Labels labels)
    {
        var length = 0;
        foreach (var label in labels)
        {
            Protobuf.Reserve(ref _exemplarRefs, length, 2 * Protobuf.MaxVarint);
            length += Protobuf.WriteVarint(_exemplarRefs.AsSpan(length), SymbolOf(label.Name));
            length += Protobuf.WriteVarint(_exemplarRefs.AsSpan(length), SymbolOf(label.Value));
        }

        if (length > 0)
        {
            exemplar.Bytes(1, _exemplarRefs.AsSpan(0, length));
        }
    }

    protected override int WriteTimeSeries(StoredLabels labels, ReadOnlySpan<byte> content, int start)
    {
        var refsLength = WriteRefs(labels, start + ShortHead, out var metadata);
        var length = 1 + Protobuf.VarintLength((ulong)refsLength) + refsLength + content.Length + metadata.Length;
        Protobuf.Reserve(ref _series, start, ShortHead + Protobuf.MaxVarint + length);
        var series = _series.AsSpan(start);
        var at = WriteHead(series, length, refsLength);
        content.CopyTo(series[(at + refsLength)..]);
        metadata.CopyTo(series[(at + refsLength + content.Length)..]);
        return at + refsLength + content.Length + metadata.Length;
    }

    private uint SymbolOf(ReadOnlySpan<byte> text)
    {
        Protobuf.Reserve(ref _text, 0, Protobuf.MaxVarint + text.Length);
        var prefix = Protobuf.WriteVarint(_text, (ulong)text.Length);
        text.CopyTo(_text.AsSpan(prefix));
        var prefixed = _text.AsSpan(0, prefix + text.Length);
        return _symbols.Add(prefixed, TextHash.Of(prefixed));
    }
}
