using ScrapeCluster.Model;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <content>Exemplars and native histograms.</content>
internal sealed partial class WriteRequestEncoder
{
    private byte[] _label = new byte[256];

    protected override void WriteExemplarLabels(MessageBuffer exemplar, Labels labels)
    {
        foreach (var label in labels)
        {
            Protobuf.Reserve(ref _label, 0, MaxLabelLength(label));
            var length = WriteLabel(_label, label);
            Protobuf.ReadVarint(_label.AsSpan(1), out var prefix);
            exemplar.Bytes(1, _label.AsSpan(1 + prefix, length - 1 - prefix));
        }
    }

    protected override int WriteTimeSeries(StoredLabels labels, ReadOnlySpan<byte> content, int start)
    {
        var labelsLength = labels.Length;
        Protobuf.Reserve(ref _message, start, 1 + Protobuf.MaxVarint + labelsLength + PagedBytes.Slack + content.Length);
        var series = _message.AsSpan(start);
        series[0] = TimeSeriesTag;
        var at = 1 + Protobuf.WriteVarint(series[1..], (ulong)(labelsLength + content.Length));
        labels.CopyTo(series[at..]);
        content.CopyTo(series[(at + labelsLength)..]);
        return at + labelsLength + content.Length;
    }
}
