using System.Buffers.Binary;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>
/// Remote write 2.0: an <c>io.prometheus.write.v2.Request</c> as protobuf in a snappy block (prompb/io/prometheus/write/v2/types.proto). Samples of one
/// series become one time series, in their order; series come in the order of their first samples, which is that of the scrapes, so neighbours are alike.
/// Symbols stand before the series, where a receiver that reads as it goes needs them. One instance serves one shard.
/// </summary>
/// <param name="families">What is known of metrics; null sends no metadata.</param>
internal sealed partial class WriteV2Encoder(FamilyTable? families) : RareShapes(exemplarsField: 4, histogramsField: 3)
{
    private const byte TimeSeriesTag = (5 << 3) | Protobuf.Bytes;
    private const byte LabelRefsTag = (1 << 3) | Protobuf.Bytes;
    private const byte MetadataTag = (5 << 3) | Protobuf.Bytes;
    private const byte TypeTag = (1 << 3) | Protobuf.Varint;
    private const byte HelpTag = (3 << 3) | Protobuf.Varint;
    private const byte UnitTag = (4 << 3) | Protobuf.Varint;

    /// <summary>Two references of at most 4 bytes: a request has far fewer than 2^28 symbols.</summary>
    private const int MaxRefsOfLabel = sizeof(ulong);

    /// <summary>Two tags and two lengths of a byte.</summary>
    private const int ShortHead = 4;

    private readonly SnappyBody _body = new();
    private readonly SymbolTable _symbols = new();
    private readonly LabelRefs _labels = new();
    private readonly SampleGroups _groups = new();
    private SampleWriter _samples;

    /// <summary>The metadata fields of this request; the first is that of series of which nothing is known.</summary>
    private byte[][] _metadata = [[]];
    private int _metadataCount;
    private LabelStore? _store;
    private byte[] _series = new byte[32 * 1024];
    private byte[] _message = new byte[32 * 1024];

    /// <summary>The length of the last request before compression.</summary>
    public int MessageLength { get; private set; }

    /// <summary>The body of a request. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<PendingSample> samples) => Encode(samples, [], []);

    /// <summary>The body of a request. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<PendingSample> samples, ReadOnlySpan<PendingExemplar> exemplars, ReadOnlySpan<PendingHistogram> histograms)
    {
        _symbols.Clear();
        _labels.Clear();
        _groups.Find(samples);
        _metadataCount = 1;
        _store = null;
        var at = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            if (!_groups.IsFollower(i))
            {
                at += WriteTimeSeries(samples, i, at);
            }
        }

        at = WriteRare(exemplars, histograms, at);
        MessageLength = _symbols.Length + at;
        Protobuf.Reserve(ref _message, 0, MessageLength);
        _symbols.Fields.CopyTo(_message);
        _series.AsSpan(0, at).CopyTo(_message.AsSpan(_symbols.Length));
        return _body.Of(_message.AsSpan(0, MessageLength));
    }

    private int WriteTimeSeries(ReadOnlySpan<PendingSample> samples, int first, int start)
    {
        // 1. The references, where they stand when both lengths take a byte, as nearly always.
        var refsLength = WriteRefs(samples[first].Labels, start + ShortHead, out var metadata);

        // 2. What stands in front of them, which says how long all will be.
        var length = 1 + Protobuf.VarintLength((ulong)refsLength) + refsLength + metadata.Length;
        for (var i = first; i >= 0; i = _groups.NextOf(i))
        {
            length += _samples.LengthOf(samples[i].TimestampMs);
        }

        Protobuf.Reserve(ref _series, start, ShortHead + Protobuf.MaxVarint + length + sizeof(ulong));
        var series = _series.AsSpan(start);
        var at = WriteHead(series, length, refsLength) + refsLength;

        // 3. Samples and metadata.
        for (var i = first; i >= 0; i = _groups.NextOf(i))
        {
            at += _samples.Write(series[at..], samples[i].TimestampMs, samples[i].Value);
        }

        metadata.CopyTo(series[at..]);
        return at + metadata.Length;
    }

    /// <summary>Moves the references if they do not begin where they were written; returns where they begin.</summary>
    private static int WriteHead(Span<byte> series, int length, int refsLength)
    {
        if (length >= 0x80)
        {
            var begin = 1 + Protobuf.VarintLength((ulong)length) + 1 + Protobuf.VarintLength((ulong)refsLength);
            series.Slice(ShortHead, refsLength).CopyTo(series[begin..]);
        }

        series[0] = TimeSeriesTag;
        var at = 1 + Protobuf.WriteVarint(series[1..], (ulong)length);
        series[at++] = LabelRefsTag;
        return at + Protobuf.WriteVarint(series[at..], (ulong)refsLength);
    }

    /// <summary>Writes the references into <see cref="_series"/>; returns their length.</summary>
    private int WriteRefs(StoredLabels labels, int start, out ReadOnlySpan<byte> metadata)
    {
        var store = labels.Store;
        if (!ReferenceEquals(store, _store))
        {
            // Numbers are the store's own; the symbols stay, found by their texts.
            _labels.Clear();
            _store = store;
        }

        var numbers = store.LabelsOf(labels.Place, out var nameAt);
        Protobuf.Reserve(ref _series, start, numbers.Length * MaxRefsOfLabel);
        var refs = _series.AsSpan(start);
        metadata = default;
        var at = 0;
        for (var i = 0; i < numbers.Length; i++)
        {
            ref var entry = ref _labels.Entry(numbers[i]);
            if (entry.Length == 0)
            {
                AddSymbols(store, numbers[i], ref entry);
            }

            BinaryPrimitives.WriteUInt64LittleEndian(refs[at..], entry.Bytes);
            at += entry.Length;
            if (i == nameAt && families is not null)
            {
                metadata = MetadataOf(store, numbers[i], ref entry);
            }
        }

        return at;
    }

    private void AddSymbols(LabelStore store, uint label, ref LabelRef entry)
    {
        var (name, value) = store.SymbolsOf(label);
        Span<byte> bytes = stackalloc byte[2 * Protobuf.MaxVarint];
        bytes.Clear();
        var nameText = store.TextOf(name, out var nameHash);
        var length = Protobuf.WriteVarint(bytes, _symbols.Add(nameText, nameHash));
        var valueText = store.TextOf(value, out var valueHash);
        entry.Length = length + Protobuf.WriteVarint(bytes[length..], _symbols.Add(valueText, valueHash));
        entry.Bytes = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private byte[] MetadataOf(LabelStore store, uint label, ref LabelRef name)
    {
        if (name.Metadata == 0)
        {
            var text = store.TextOf(store.SymbolsOf(label).Value, out _);
            name.Metadata = 1 + (families!.Find(text) is { } known ? AddMetadata(known) : 0);
        }

        return _metadata[name.Metadata - 1];
    }

    private int AddMetadata(FamilyTexts family)
    {
        if (_metadataCount == _metadata.Length)
        {
            Array.Resize(ref _metadata, _metadataCount * 2);
        }

        Span<byte> field = stackalloc byte[2 + (3 * (1 + Protobuf.MaxVarint))];
        var at = 2;
        field[at++] = TypeTag;
        field[at++] = (byte)family.Type;
        at += WriteRef(field[at..], HelpTag, _symbols.Add(family.Help.Text, family.Help.Hash));
        at += WriteRef(field[at..], UnitTag, _symbols.Add(family.Unit.Text, family.Unit.Hash));
        field[0] = MetadataTag;
        field[1] = (byte)(at - 2);
        if (_metadata[_metadataCount] is not { } former || !field[..at].SequenceEqual(former))
        {
            _metadata[_metadataCount] = field[..at].ToArray();
        }

        return _metadataCount++;
    }

    private static int WriteRef(Span<byte> destination, byte tag, uint symbol)
    {
        if (symbol == 0)
        {
            return 0;
        }

        destination[0] = tag;
        return 1 + Protobuf.WriteVarint(destination[1..], symbol);
    }
}
