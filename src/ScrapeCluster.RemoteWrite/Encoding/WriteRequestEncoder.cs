using ScrapeCluster.Model;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>
/// Remote write 1.0: a <c>prometheus.WriteRequest</c> as protobuf in a snappy block (prompb/remote.proto and types.proto).
/// Every sample is a time series of its own, as Prometheus sends them; a label is encoded once (<see cref="LabelStore"/>),
/// when it is first seen, and copied from then on. One instance serves one shard.
/// </summary>
internal sealed partial class WriteRequestEncoder() : RareShapes(exemplarsField: 3, histogramsField: 4)
{
    private const byte TimeSeriesTag = (1 << 3) | Protobuf.Bytes;
    private const byte LabelTag = (1 << 3) | Protobuf.Bytes;
    private const byte NameTag = (1 << 3) | Protobuf.Bytes;
    private const byte LabelValueTag = (2 << 3) | Protobuf.Bytes;
    private const byte MetadataTag = (3 << 3) | Protobuf.Bytes;
    private const byte MetadataTypeTag = (1 << 3) | Protobuf.Varint;
    private const byte MetadataFamilyTag = (2 << 3) | Protobuf.Bytes;
    private const byte MetadataHelpTag = (4 << 3) | Protobuf.Bytes;
    private const byte MetadataUnitTag = (5 << 3) | Protobuf.Bytes;

    private readonly SnappyBody _body = new();
    private SampleWriter _samples;
    private byte[] _message = new byte[64 * 1024];

    /// <summary>The length of the last request before compression.</summary>
    public int MessageLength { get; private set; }

    /// <summary>A length that <see cref="WriteLabel"/> does not exceed.</summary>
    public static int MaxLabelLength(LabelSpan label) => 1 + Protobuf.MaxVarint + LabelLength(label);

    /// <summary>Writes the label as a field of a time series; returns its length.</summary>
    public static int WriteLabel(Span<byte> destination, LabelSpan label)
    {
        destination[0] = LabelTag;
        var at = 1 + Protobuf.WriteVarint(destination[1..], (ulong)LabelLength(label));
        at += Protobuf.WriteText(destination[at..], NameTag, label.Name);
        return at + Protobuf.WriteText(destination[at..], LabelValueTag, label.Value);
    }

    /// <summary>The body of a request. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<PendingSample> samples) => Encode(samples, [], []);

    /// <summary>The body of a request. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<PendingSample> samples, ReadOnlySpan<PendingExemplar> exemplars, ReadOnlySpan<PendingHistogram> histograms)
    {
        var at = 0;
        foreach (ref readonly var sample in samples)
        {
            var labelsLength = sample.Labels.Length;
            Protobuf.Reserve(ref _message, at, 1 + Protobuf.MaxVarint + labelsLength + PagedBytes.Slack + SampleWriter.MaxLength);
            at += WriteTimeSeries(_message.AsSpan(at), sample, labelsLength);
        }

        return Compress(WriteRare(exemplars, histograms, at));
    }

    /// <summary>A request that carries metadata only. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<MetadataEntry> families)
    {
        var at = 0;
        foreach (var (family, metadata) in families)
        {
            var name = System.Text.Encoding.UTF8.GetBytes(family);
            var help = System.Text.Encoding.UTF8.GetBytes(metadata.Help);
            var unit = System.Text.Encoding.UTF8.GetBytes(metadata.Unit);
            var length = 2 + Protobuf.TextLength(name) + Protobuf.TextLength(help) + Protobuf.TextLength(unit);
            Protobuf.Reserve(ref _message, at, 1 + Protobuf.MaxVarint + length);
            var room = _message.AsSpan(at);
            room[0] = MetadataTag;
            var written = 1 + Protobuf.WriteVarint(room[1..], (ulong)length);
            room[written++] = MetadataTypeTag;
            room[written++] = (byte)metadata.Type;
            written += Protobuf.WriteText(room[written..], MetadataFamilyTag, name);
            written += Protobuf.WriteText(room[written..], MetadataHelpTag, help);
            at += written + Protobuf.WriteText(room[written..], MetadataUnitTag, unit);
        }

        return Compress(at);
    }

    private ReadOnlyMemory<byte> Compress(int messageLength)
    {
        MessageLength = messageLength;
        return _body.Of(_message.AsSpan(0, messageLength));
    }

    private int WriteTimeSeries(Span<byte> destination, in PendingSample sample, int labelsLength)
    {
        destination[0] = TimeSeriesTag;
        var at = 1 + Protobuf.WriteVarint(destination[1..], (ulong)(labelsLength + _samples.LengthOf(sample.TimestampMs)));
        sample.Labels.CopyTo(destination[at..]);
        at += labelsLength;
        return at + _samples.Write(destination[at..], sample.TimestampMs, sample.Value);
    }

    private static int LabelLength(LabelSpan label) => Protobuf.TextLength(label.Name) + Protobuf.TextLength(label.Value);
}
