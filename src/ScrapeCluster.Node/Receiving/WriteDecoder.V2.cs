using System.Buffers.Binary;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Receiving;

/// <summary>
/// <c>Request { 4: symbols, 5: TimeSeries { 1: label refs, 2: Sample { 1 value, 2 timestamp }, 3 histograms, 4 exemplars, 5: Metadata { 1 type, 3 help, 4 unit } } }</c>
/// </summary>
internal sealed partial class WriteDecoder
{
    private const int KeySize = 16;

    private WriteFault? DecodeV2(ReadOnlySpan<byte> request, SampleBatch batch, long latestMs)
    {
        // Symbols first: nothing says that they must come before the series.
        var fields = new WireReader(request);
        while (fields.MoveNext())
        {
            if (fields.Field == 4 && fields.IsBytes)
            {
                if (_symbols.Count == SymbolTable.MaxCount)
                {
                    return WriteFault.TooLarge($"the request has more than {SymbolTable.MaxCount} symbols: send fewer series at a time (max_samples_per_send)");
                }

                _symbols.Add(fields.BytesStart, fields.Bytes.Length, keys.OfSymbol(fields.Bytes));
            }
        }

        if (fields.IsBroken)
        {
            return Broken("it");
        }

        fields = new WireReader(request);
        while (fields.MoveNext())
        {
            if (fields.Field == SeriesOfV2
                && (!fields.IsBytes ? Broken("a series") : TakeSeriesV2(request, fields.BytesStart, fields.Bytes, batch, latestMs)) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private WriteFault? TakeSeriesV2(ReadOnlySpan<byte> request, int start, ReadOnlySpan<byte> series, SampleBatch batch, long latestMs)
    {
        // 1. What there is, and whether its references point somewhere.
        var key = KeyOfV2(series, out var parts);
        if (parts.IsBroken)
        {
            return Broken("a series");
        }

        _tally.Histograms += parts.Histograms;
        _tally.Exemplars += parts.Exemplars;
        if (key is null)
        {
            _tally.InvalidLabelSamples += parts.Samples;
            Complain($"parsing labels for series [{string.Join(' ', _refs.Take(20))}]: they are not pairs of symbols, of which there are {_symbols.Count}");
            return null;
        }

        if (parts.Samples == 0 && parts.Histograms > 0)
        {
            return null;
        }

        // 2. Which series.
        if (Resolve(key, series, request, parts.Samples, out var fault) is not { } found || fault is not null)
        {
            return fault;
        }

        if (parts.Samples == 0)
        {
            _tally.EmptySeries++;
            ReadLabels(series, request);
            Complain($"TimeSeries must contain at least one sample or histogram for series {SeriesRules.Short(_labels)}");
            return null;
        }

        // 3. Its samples, and what is said of them.
        var first = batch.Count;
        if (TakeSamples(series, start, found, batch, latestMs) is { } broken)
        {
            return broken;
        }

        if (describes && batch.Count > first && MetadataOf(series, request) is { } metadata)
        {
            batch.Describe(metadata);
            _tally.DescribedSamples += batch.Count - first;
        }

        return null;
    }

    private MetricMetadata? MetadataOf(ReadOnlySpan<byte> series, ReadOnlySpan<byte> request)
    {
        var metadata = default(MetricMetadata);
        var fields = new WireReader(series);
        while (fields.MoveNext())
        {
            if (fields is { Field: 5, IsBytes: true })
            {
                metadata = _metadata.Read(fields.Bytes, _symbols, request);
            }
        }

        return metadata;
    }

    /// <summary>Leaves the label references in <see cref="_refs"/>; null where they are no pairs of symbols.</summary>
    private SeriesKey? KeyOfV2(ReadOnlySpan<byte> series, out SeriesParts parts)
    {
        parts = default;
        _refs.Clear();
        var isInTable = true;
        var fields = new WireReader(series);
        while (fields.MoveNext())
        {
            switch (fields.Field)
            {
                case 1 when fields.IsBytes:
                    var packed = new WireReader(fields.Bytes);
                    while (packed.TryPacked(out var one))
                    {
                        isInTable &= one < (ulong)_symbols.Count;
                        _refs.Add((int)Math.Min(one, int.MaxValue));
                    }

                    parts.IsBroken |= packed.IsBroken;
                    break;
                case 1:
                    isInTable &= fields.Number < (ulong)_symbols.Count;
                    _refs.Add((int)Math.Min(fields.Number, int.MaxValue));
                    break;
                case 2:
                    parts.Samples++;
                    parts.IsBroken |= !fields.IsBytes;
                    break;
                case 3:
                    parts.Histograms++;
                    break;
                case 4:
                    parts.Exemplars++;
                    break;
                default:
                    break;
            }

            if (_refs.Count > 2 * MaxLabels)
            {
                isInTable = false;
                _refs.Clear();
            }
        }

        parts.IsBroken |= fields.IsBroken;
        return parts.IsBroken || !isInTable || _refs.Count % 2 != 0 ? null : KeyOfRefs();
    }

    private SeriesKey KeyOfRefs()
    {
        if (_keyBytes.Length < _refs.Count * KeySize)
        {
            _keyBytes = new byte[Math.Max(_keyBytes.Length * 2, _refs.Count * KeySize)];
        }

        for (var i = 0; i < _refs.Count; i++)
        {
            var key = _symbols.KeyOf(_refs[i]);
            BinaryPrimitives.WriteUInt64LittleEndian(_keyBytes.AsSpan(i * KeySize), key.High);
            BinaryPrimitives.WriteUInt64LittleEndian(_keyBytes.AsSpan((i * KeySize) + sizeof(ulong)), key.Low);
        }

        return keys.Of(_keyBytes.AsSpan(0, _refs.Count * KeySize), WriteMessage.V2);
    }

    private void ReadLabelsV2(ReadOnlySpan<byte> request)
    {
        for (var i = 0; i + 1 < _refs.Count; i += 2)
        {
            ReadLabel(_symbols.TextOf(_refs[i], request), _symbols.TextOf(_refs[i + 1], request));
        }
    }
}
