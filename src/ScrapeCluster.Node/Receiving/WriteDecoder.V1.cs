using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Receiving;

/// <summary>
/// <c>WriteRequest { 1: TimeSeries { 1: Label { 1 name, 2 value }, 2: Sample { 1 value, 2 timestamp }, 3 exemplars, 4 histograms }, 3: MetricMetadata }</c>
/// </summary>
internal sealed partial class WriteDecoder
{
    private const int SeriesOfV2 = 5;

    private WriteFault? DecodeV1(ReadOnlySpan<byte> request, SampleBatch batch, long latestMs)
    {
        var isOfV2 = false;
        var count = 0;
        var fields = new WireReader(request);
        while (fields.MoveNext())
        {
            switch (fields.Field)
            {
                case 1 when fields.IsBytes:
                    count++;
                    if (TakeSeriesV1(request, fields.BytesStart, fields.Bytes, batch, latestMs) is { } fault)
                    {
                        return fault;
                    }

                    break;
                case 1:
                    return Broken("a series");
                case 3:
                    _tally.MetadataEntries++;
                    break;
                default:
                    isOfV2 |= fields is { Field: SeriesOfV2, IsBytes: true };
                    break;
            }
        }

        return fields.IsBroken ? Broken("it")
            : isOfV2 && count == 0 && _tally.MetadataEntries == 0 ? WriteFault.BadRequest("the request is one of remote write 2.0, and its Content-Type does not say so")
            : null;
    }

    private WriteFault? TakeSeriesV1(ReadOnlySpan<byte> request, int start, ReadOnlySpan<byte> series, SampleBatch batch, long latestMs)
    {
        // 1. What there is. Labels come first from every known sender, and the bytes that they take are the series' key.
        var key = KeyOfV1(series, out var parts);
        if (parts.IsBroken)
        {
            return Broken("a series");
        }

        _tally.Histograms += parts.Histograms;
        _tally.Exemplars += parts.Exemplars;
        if (parts.Samples == 0)
        {
            return null;
        }

        // 2. Which series.
        if (Resolve(key, series, request, parts.Samples, out var fault) is not { } found || fault is not null)
        {
            return fault;
        }

        // 3. Its samples.
        return TakeSamples(series, start, found, batch, latestMs);
    }

    /// <summary>Null where labels are strewn about the series.</summary>
    private SeriesKey? KeyOfV1(ReadOnlySpan<byte> series, out SeriesParts parts)
    {
        parts = default;
        var (from, to, isWhole) = (0, 0, true);
        var fields = new WireReader(series);
        while (fields.MoveNext())
        {
            switch (fields.Field)
            {
                case 1:
                    isWhole &= to == 0 || fields.Start == to;
                    from = to == 0 ? fields.Start : from;
                    to = fields.End;
                    parts.IsBroken |= !fields.IsBytes;
                    break;
                case 2:
                    parts.Samples++;
                    parts.IsBroken |= !fields.IsBytes;
                    break;
                case 3:
                    parts.Exemplars++;
                    break;
                case 4:
                    parts.Histograms++;
                    break;
                default:
                    break;
            }
        }

        parts.IsBroken |= fields.IsBroken;
        return isWhole ? keys.Of(series[from..to], WriteMessage.V1) : null;
    }

    private void ReadLabelsV1(ReadOnlySpan<byte> series)
    {
        var fields = new WireReader(series);
        while (fields.MoveNext())
        {
            if (fields.Field != 1)
            {
                continue;
            }

            ReadOnlySpan<byte> name = default;
            ReadOnlySpan<byte> value = default;
            var label = new WireReader(fields.Bytes);
            while (label.MoveNext())
            {
                if (label.Field == 1)
                {
                    name = label.Bytes;
                }
                else if (label.Field == 2)
                {
                    value = label.Bytes;
                }
            }

            // What is broken is a label without a name, which is refused.
            ReadLabel(label.IsBroken ? default : name, value);
        }
    }

    /// <summary>What a series holds, counted.</summary>
    private struct SeriesParts
    {
        public int Samples;
        public int Histograms;
        public int Exemplars;
        public bool IsBroken;
    }
}
