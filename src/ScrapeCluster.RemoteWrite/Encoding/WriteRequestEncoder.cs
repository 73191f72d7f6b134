using System.Buffers.Binary;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Compression;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>
/// Remote write 1.0: a <c>prometheus.WriteRequest</c> as protobuf in a snappy block (prompb/remote.proto and types.proto).
/// Every sample is a time series of its own, as Prometheus sends them; the label part of a series is encoded once, when the
/// series is first seen, and copied from then on. One instance serves one shard.
/// </summary>
internal sealed class WriteRequestEncoder
{
    private const byte TimeSeriesTag = (1 << 3) | 2;
    private const byte LabelTag = (1 << 3) | 2;
    private const byte SampleTag = (2 << 3) | 2;
    private const byte NameTag = (1 << 3) | 2;
    private const byte LabelValueTag = (2 << 3) | 2;
    private const byte SampleValueTag = (1 << 3) | 1;
    private const byte TimestampTag = (2 << 3) | 0;
    private const byte MetadataTag = (3 << 3) | 2;
    private const byte MetadataTypeTag = (1 << 3) | 0;
    private const byte MetadataFamilyTag = (2 << 3) | 2;
    private const byte MetadataHelpTag = (4 << 3) | 2;
    private const byte MetadataUnitTag = (5 << 3) | 2;
    private const int MaxVarint = 10;

    /// <summary>Tag and 8 bytes of the value, tag and varint of the time.</summary>
    private const int MaxSampleLength = 1 + 8 + 1 + MaxVarint;

    private readonly SnappyEncoder _snappy = new();
    private byte[] _message = new byte[64 * 1024];
    private byte[] _block = new byte[64 * 1024];

    /// <summary>The length of the last request before compression.</summary>
    public int MessageLength { get; private set; }

    /// <summary>The label fields of a time series, in the order of <paramref name="labels"/>, which is that of the names' bytes.</summary>
    public static byte[] EncodeLabels(Labels labels)
    {
        var length = 0;
        foreach (var label in labels)
        {
            var inner = LabelLength(label);
            length += 1 + VarintLength((ulong)inner) + inner;
        }

        var encoded = new byte[length];
        var at = 0;
        foreach (var label in labels)
        {
            encoded[at++] = LabelTag;
            at += WriteVarint(encoded.AsSpan(at), (ulong)LabelLength(label));
            at += WriteText(encoded.AsSpan(at), NameTag, label.Name);
            at += WriteText(encoded.AsSpan(at), LabelValueTag, label.Value);
        }

        return encoded;
    }

    /// <summary>The body of a request. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<PendingSample> samples)
    {
        var at = 0;
        foreach (var sample in samples)
        {
            Reserve(at, 1 + MaxVarint + sample.Labels.Length + 2 + MaxSampleLength);
            at += WriteTimeSeries(_message.AsSpan(at), sample);
        }

        return Compress(at);
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
            var length = 2 + TextLength(name) + TextLength(help) + TextLength(unit);
            Reserve(at, 1 + MaxVarint + length);
            var room = _message.AsSpan(at);
            room[0] = MetadataTag;
            var written = 1 + WriteVarint(room[1..], (ulong)length);
            room[written++] = MetadataTypeTag;
            room[written++] = (byte)metadata.Type;
            written += WriteText(room[written..], MetadataFamilyTag, name);
            written += WriteText(room[written..], MetadataHelpTag, help);
            at += written + WriteText(room[written..], MetadataUnitTag, unit);
        }

        return Compress(at);
    }

    private ReadOnlyMemory<byte> Compress(int messageLength)
    {
        MessageLength = messageLength;
        var max = SnappyEncoder.MaxLength(messageLength);
        if (_block.Length < max)
        {
            _block = new byte[max];
        }

        return _block.AsMemory(0, _snappy.Encode(_message.AsSpan(0, messageLength), _block));
    }

    private void Reserve(int at, int room)
    {
        if (_message.Length - at < room)
        {
            Array.Resize(ref _message, Math.Max(_message.Length * 2, at + room));
        }
    }

    private static int WriteTimeSeries(Span<byte> destination, in PendingSample sample)
    {
        var timeLength = VarintLength((ulong)sample.TimestampMs);
        var sampleLength = 1 + sizeof(double) + 1 + timeLength;
        var at = 0;
        destination[at++] = TimeSeriesTag;
        at += WriteVarint(destination[at..], (ulong)(sample.Labels.Length + 2 + sampleLength));
        sample.Labels.CopyTo(destination[at..]);
        at += sample.Labels.Length;
        destination[at++] = SampleTag;
        destination[at++] = (byte)sampleLength;

        // Zero is written out, unlike proto3 would: so -0 keeps its sign.
        destination[at++] = SampleValueTag;
        BinaryPrimitives.WriteDoubleLittleEndian(destination[at..], sample.Value);
        at += sizeof(double);
        destination[at++] = TimestampTag;
        return at + WriteVarint(destination[at..], (ulong)sample.TimestampMs);
    }

    private static int LabelLength(LabelSpan label) => TextLength(label.Name) + TextLength(label.Value);

    private static int TextLength(ReadOnlySpan<byte> text) => 1 + VarintLength((ulong)text.Length) + text.Length;

    private static int WriteText(Span<byte> destination, byte tag, ReadOnlySpan<byte> text)
    {
        destination[0] = tag;
        var at = 1 + WriteVarint(destination[1..], (ulong)text.Length);
        text.CopyTo(destination[at..]);
        return at + text.Length;
    }

    private static int VarintLength(ulong value)
    {
        var length = 1;
        for (; value >= 0x80; value >>= 7)
        {
            length++;
        }

        return length;
    }

    private static int WriteVarint(Span<byte> destination, ulong value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[at++] = (byte)(value | 0x80);
        }

        destination[at] = (byte)value;
        return at + 1;
    }
}
