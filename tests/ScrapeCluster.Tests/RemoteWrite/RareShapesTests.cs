using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>Exemplars and native histograms, byte for byte as prompb/types.proto and prompb/io/prometheus/write/v2/types.proto have them.</summary>
public sealed class RareShapesTests
{
    private const string IntHistogram =
        "08 05 19 000000000000F83F 20 01 29 000000000000D03F 30 01 5A 04 0803 1002 5A 04 0802 1001 62 03 040100 70 03 78 07";

    private const string FloatHistogram =
        "11 0000000000000440 20 69 39 0000000000000000 42 04 0800 1001 52 08 0000000000000440 78 07 8201 08 000000000000F03F";

    private static readonly NativeHistogram Whole = new()
    {
        Count = 5,
        Sum = 1.5,
        Schema = -1,
        ZeroThreshold = 0.25,
        ZeroCount = 1,
        Positive = new HistogramBuckets([new BucketSpan(-2, 2), new BucketSpan(1, 1)], [2, -1, 0], []),
        ResetHint = 3,
    };

    private static readonly NativeHistogram Fractional = new()
    {
        IsFloat = true,
        Count = 2.5,
        Schema = -53,
        Negative = new HistogramBuckets([new BucketSpan(0, 1)], [], [2.5]),
        CustomValues = [1],
    };

    [Fact]
    public void Histograms_1()
    {
        var (_, series) = Store();
        var body = new WriteRequestEncoder().Encode([], [], [new PendingHistogram(series, 7, Whole), new PendingHistogram(series, 7, Fractional)]);
        var messages = Fields(body, 1);
        Assert.Equal([(1, "0A 01 61 12 01 62"), (4, IntHistogram)], messages[0], SameBytes);
        Assert.Equal([(1, "0A 01 61 12 01 62"), (4, FloatHistogram)], messages[1], SameBytes);
        Assert.Equal(2, messages.Count);
    }

    [Fact]
    public void Histograms_2()
    {
        var (_, series) = Store();
        var body = new WriteV2Encoder(null).Encode([new PendingSample(series, 7, 1)], [], [new PendingHistogram(series, 7, Whole), new PendingHistogram(series, 7, Fractional)]);
        var messages = Fields(body, 5);
        Assert.Equal([(1, "01 02"), (2, "09 000000000000F03F 10 07")], messages[0], SameBytes);
        Assert.Equal([(1, "01 02"), (3, IntHistogram)], messages[1], SameBytes);
        Assert.Equal([(1, "01 02"), (3, FloatHistogram)], messages[2], SameBytes);
        Assert.Equal(3, messages.Count);
    }

    [Fact]
    public void Exemplars_1()
    {
        var (_, series) = Store();
        var body = new WriteRequestEncoder().Encode([], [new PendingExemplar(series, Labels.Of(("trace_id", "xyz")), 1, 7), new PendingExemplar(series, Labels.Empty, 0, 7)], []);
        var messages = Fields(body, 1);
        Assert.Equal([(1, "0A 01 61 12 01 62"), (3, "0A 0F 0A08 74726163655F6964 1203 78797A 11 000000000000F03F 18 07")], messages[0], SameBytes);
        Assert.Equal([(1, "0A 01 61 12 01 62"), (3, "11 0000000000000000 18 07")], messages[1], SameBytes);
    }

    [Fact]
    public void Exemplars_2_ShareTheSymbols()
    {
        var (_, series) = Store();
        var body = new WriteV2Encoder(null).Encode([], [new PendingExemplar(series, Labels.Of(("b", "xyz")), 1, 7), new PendingExemplar(series, Labels.Empty, 0, 7)], []);
        var messages = Fields(body, 5);
        Assert.Equal([(1, "03 01"), (4, "0A 02 0102 11 000000000000F03F 18 07")], messages[0], SameBytes);
        Assert.Equal([(1, "03 01"), (4, "11 0000000000000000 18 07")], messages[1], SameBytes);
        Assert.Equal(["", "b", "xyz", "a"], ReferenceRequest.Messages(IronSnappy.Snappy.Decode(body.ToArray())).Where(field => field.Field == 4).Select(field => System.Text.Encoding.UTF8.GetString(field.Bytes)));
    }

    private static (LabelStore Store, StoredLabels Series) Store()
    {
        var store = new LabelStore(withSymbols: true);
        return (store, new StoredLabels(store, store.Add(Labels.Of(("a", "b")))));
    }

    /// <summary>The fields of each time series.</summary>
    private static List<List<(int, string)>> Fields(ReadOnlyMemory<byte> body, int field) =>
    [
        .. ReferenceRequest.Messages(IronSnappy.Snappy.Decode(body.ToArray())).Where(message => message.Field == field)
            .Select(message => ReferenceRequest.Messages(message.Bytes).ConvertAll(inner => (inner.Field, Convert.ToHexString(inner.Bytes)))),
    ];

    private static bool SameBytes((int Field, string Hex) expected, (int Field, string Hex) actual) =>
        expected.Field == actual.Field && expected.Hex.Replace(" ", "", StringComparison.Ordinal) == actual.Hex;
}
