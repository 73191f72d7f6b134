using System.Text;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>
/// Reads remote write 2.0 requests (https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/), independent of the code under test, and judges nothing:
/// Request { 4: symbols, 5: TimeSeries { 1: label refs, 2: Sample { 1 value, 2 timestamp }, 3: Histogram { 1 or 2 count, 3 sum, 4 schema, 5 zero threshold,
/// 6 or 7 zero count, 8 to 10 negative and 11 to 13 positive buckets, 14 reset hint, 15 timestamp, 16 custom values }, 4: Exemplar { 1: label refs, 2 value,
/// 3 timestamp }, 5: Metadata { 1 type, 3 help, 4 unit } } }.
/// </summary>
internal static class WriteV2Reader
{
    public const string ContentType = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

    public static WrittenV2 Read(byte[] message)
    {
        var fields = WriteRequestReader.Messages(message);
        var symbols = fields.Where(field => field.Field == 4).Select(field => Encoding.UTF8.GetString(field.Bytes)).ToList();
        return new WrittenV2(symbols, [.. fields.Where(field => field.Field == 5).Select(field => Series(field.Bytes, symbols))]);
    }

    private static WrittenSeries Series(byte[] series, List<string> symbols)
    {
        var parts = WriteRequestReader.Messages(series);
        List<int> refs = [.. parts.Where(part => part.Field == 1).SelectMany(part => Numbers(part.Bytes))];
        List<string> names = [.. refs.Where((_, i) => i % 2 == 0).Select(TextOf)];
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in names.Zip(refs.Where((_, i) => i % 2 == 1).Select(TextOf)))
        {
            labels[name] = value;
        }

        return new WrittenSeries(refs, [.. parts.Where(part => part.Field == 2).Select(SampleOf)])
        {
            Histograms = [.. parts.Where(part => part.Field == 3).Select(part => WrittenHistogram.Read(part.Bytes))],
            Exemplars = [.. parts.Where(part => part.Field == 4).Select(part => ExemplarOf(part.Bytes))],
            Metadata = parts.Where(part => part.Field == 5).Select(part => MetadataOf(part.Bytes)).FirstOrDefault(),
        };

        string TextOf(int symbol) => symbol < symbols.Count ? symbols[symbol] : $"no symbol {symbol}";

        WrittenSample SampleOf((int Field, byte[] Bytes) part)
        {
            var (bits, timestampMs) = WriteRequestReader.Sample(part.Bytes);
            return new WrittenSample(labels, bits, timestampMs) { LabelNames = names };
        }

        WrittenExemplar ExemplarOf(byte[] exemplar)
        {
            var fields = ProtobufFields.Of(exemplar);
            var texts = fields.Where(field => field.Number == 1).SelectMany(field => Numbers(field.Bytes)).Select(TextOf).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
            return new WrittenExemplar(texts, fields.Single(field => field.Number == 2).Double, (long)fields.Single(field => field.Number == 3).Bits);
        }

        WrittenMetadata MetadataOf(byte[] metadata)
        {
            var values = Numbers(metadata).Chunk(2).ToDictionary(pair => pair[0] >> 3, pair => pair[1]);
            return new WrittenMetadata(labels.GetValueOrDefault("__name__", ""), values.GetValueOrDefault(1), TextOf(values.GetValueOrDefault(3)));
        }
    }

    private static IEnumerable<int> Numbers(byte[] packed)
    {
        for (var at = 0; at < packed.Length;)
        {
            yield return (int)ProtobufFields.Varint(packed, ref at);
        }
    }
}

/// <summary>A request of 2.0 as it stood on the wire.</summary>
internal sealed record WrittenV2(IReadOnlyList<string> Symbols, IReadOnlyList<WrittenSeries> Series)
{
    public IEnumerable<WrittenSample> Samples => Series.SelectMany(series => series.Samples);
}

/// <summary>A time series of 2.0.</summary>
/// <param name="Refs">Symbols of names and values in turn.</param>
internal sealed record WrittenSeries(IReadOnlyList<int> Refs, IReadOnlyList<WrittenSample> Samples)
{
    public IReadOnlyList<WrittenHistogram> Histograms { get; init; } = [];

    public IReadOnlyList<WrittenExemplar> Exemplars { get; init; } = [];

    /// <summary>Null where none is said; its family is the series' name.</summary>
    public WrittenMetadata? Metadata { get; init; }
}

internal sealed record WrittenExemplar(IReadOnlyDictionary<string, string> Labels, double Value, long TimestampMs);
