using System.Buffers.Binary;
using System.Text;

namespace ScrapeCluster.Tests.Node.Receiving;

/// <summary>One series of a request: labels as they are to stand on the wire, in that order.</summary>
internal sealed record SentSeries(string[] Labels, (ulong Bits, long TimestampMs)[] Samples)
{
    public int Exemplars { get; init; }

    public int Histograms { get; init; }

    /// <summary>2.0: type, help and unit.</summary>
    public (int Type, string Help, string Unit)? Metadata { get; init; }

    public static SentSeries Of(string name, params (double Value, long TimestampMs)[] samples) =>
        new(["__name__", name, "job", "test"], [.. samples.Select(sample => (BitConverter.DoubleToUInt64Bits(sample.Value), sample.TimestampMs))]);
}

/// <summary>Writes requests the plainest way, straight from prompb/remote.proto and prompb/io/prometheus/write/v2/types.proto.</summary>
internal static class WriteRequests
{
    public static byte[] V1(params IEnumerable<SentSeries> series) => [.. series.SelectMany(one => Field(1, SeriesV1(one)))];

    public static byte[] V2(params IEnumerable<SentSeries> series)
    {
        var symbols = new List<string> { "" };
        var messages = series.Select(one => Field(5, SeriesV2(one, symbols))).ToList();
        return [.. symbols.SelectMany(symbol => Field(4, Encoding.UTF8.GetBytes(symbol))), .. messages.SelectMany(message => message)];
    }

    public static byte[] Field(int field, byte[] bytes) => [.. Varint((ulong)((field << 3) | 2)), .. Varint((ulong)bytes.Length), .. bytes];

    public static byte[] Number(int field, ulong value) => [.. Varint((ulong)(field << 3)), .. Varint(value)];

    public static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }

    public static byte[] Sample(ulong bits, long timestampMs)
    {
        var value = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(value, bits);

        // As proto3 does: a value of plain zero is left out.
        return [.. bits == 0 ? [] : (byte[])[9, .. value], .. timestampMs == 0 ? [] : Number(2, (ulong)timestampMs)];
    }

    private static byte[] SeriesV1(SentSeries series) =>
    [
        .. series.Labels.Chunk(2).SelectMany(label => Field(1, [.. Field(1, Encoding.UTF8.GetBytes(label[0])), .. Field(2, Encoding.UTF8.GetBytes(label[1]))])),
        .. series.Samples.SelectMany(sample => Field(2, Sample(sample.Bits, sample.TimestampMs))),
        .. Enumerable.Range(0, series.Exemplars).SelectMany(_ => Field(3, Sample(1, 5))),
        .. Enumerable.Range(0, series.Histograms).SelectMany(_ => Field(4, Number(15, 5))),
    ];

    private static byte[] SeriesV2(SentSeries series, List<string> symbols)
    {
        ulong Ref(string text)
        {
            var index = symbols.IndexOf(text);
            if (index < 0)
            {
                index = symbols.Count;
                symbols.Add(text);
            }

            return (ulong)index;
        }

        return
        [
            .. Field(1, [.. series.Labels.SelectMany(label => Varint(Ref(label)))]),
            .. series.Samples.SelectMany(sample => Field(2, [.. Sample(sample.Bits, sample.TimestampMs), .. Number(3, 17)])),
            .. Enumerable.Range(0, series.Histograms).SelectMany(_ => Field(3, Number(15, 5))),
            .. Enumerable.Range(0, series.Exemplars).SelectMany(_ => Field(4, Number(3, 5))),
            .. series.Metadata is { } metadata ? Field(5, [.. Number(1, (ulong)metadata.Type), .. Number(3, Ref(metadata.Help)), .. Number(4, Ref(metadata.Unit))]) : [],
        ];
    }
}
