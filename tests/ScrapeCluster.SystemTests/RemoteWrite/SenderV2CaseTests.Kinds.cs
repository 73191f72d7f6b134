using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <content>
/// Kinds of metrics. Histograms come from the node in their classic form: native ones and exemplars are not stored yet, so what the suite asks of these is shown
/// of a request that the encoder makes of some.
/// </content>
public sealed partial class SenderV2CaseTests
{
    private const int Counter = 1;
    private const int Gauge = 2;
    private const int Histogram = 3;
    private const int Summary = 5;
    private const long SentAt = 1_700_000_000_123;

    /// <summary>With a sample of the same series before and after.</summary>
    private static readonly WrittenV2 Native = EncodeNative();

    /// <summary>Each kind comes with what the page says of it.</summary>
    [Fact]
    public void MultipleMetricTypes()
    {
        var metadata = Series.Where(series => series.Metadata is not null).Select(series => series.Metadata!).ToHashSet();
        Assert.Contains(new WrittenMetadata("v2_requests_total", Counter, $"Requests, {Emoji}."), metadata);
        Assert.Contains(new WrittenMetadata("v2_memory_bytes", Gauge, "Memory."), metadata);
        Assert.Contains(new WrittenMetadata("v2_duration_bucket", Histogram, ""), metadata);
        Assert.Contains(new WrittenMetadata("v2_rpc_sum", Summary, ""), metadata);
    }

    [Fact]
    public void MixedSampleAndHistogramFamilies()
    {
        string[] names = ["v2_requests_total", "v2_memory_bytes", "v2_duration_bucket", "v2_duration_sum", "v2_duration_count", "v2_rpc", "v2_rpc_sum", "v2_rpc_count"];
        AssertEach(Writes, request => Assert.Subset(request.Samples.Select(sample => sample.Name).ToHashSet(), names.ToHashSet()));
    }

    /// <summary>All of a family that a scrape has seen arrives.</summary>
    [Fact]
    public void CompleteMetricFamily()
    {
        var scrapes = run.Of(V2Page).Samples.Where(sample => !sample.IsStale && sample.Name.StartsWith("v2_duration_", StringComparison.Ordinal)).GroupBy(sample => sample.TimestampMs).ToList();
        Assert.NotEmpty(scrapes);
        AssertEach(scrapes, scrape => Assert.Equal(
            ["v2_duration_bucket +Inf", "v2_duration_bucket 0.1", "v2_duration_count ", "v2_duration_sum "],
            scrape.Select(sample => $"{sample.Name} {sample.Labels.GetValueOrDefault("le", "")}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void RealWorldScenario()
    {
        run.Of(V2Page).AssertEveryPage("v2_requests_total");
        AssertEach(Series, series => Assert.True(series.Samples.Count > 0 && series.Histograms.Count == 0));
    }

    [Fact]
    public void NativeHistogramStructure()
    {
        Assert.NotEmpty(run.Of(V2Page).ValuesOf("v2_duration_bucket"));
        Assert.Equal([16.0, 4.5], Histograms.Select(histogram => histogram.IntCount ?? histogram.FloatCount));
        AssertEach(Histograms, histogram =>
        {
            Assert.NotEqual(histogram.IntCount is null, histogram.FloatCount is null);
            AssertEach([histogram.Negative, histogram.Positive], side => Assert.Equal(side.Length, side.Deltas.Count + side.Counts.Count));
            Assert.Equal(
                histogram.IntCount ?? histogram.FloatCount!.Value,
                (histogram.IntZeroCount ?? histogram.FloatZeroCount!.Value) + histogram.Negative.Sum + histogram.Positive.Sum);
        });
    }

    [Fact]
    public void HistogramCountPresent() => AssertAlways("v2_duration_count", 1e9);

    [Fact]
    public void HistogramSumPresent() => AssertAlways("v2_duration_sum", 5000000000.5);

    /// <summary>Exponential buckets, or custom ones with their bounds.</summary>
    [Fact]
    public void HistogramSchema()
    {
        AssertEach(Series, series => Assert.Empty(series.Histograms));
        Assert.Equal([3, -53], Histograms.Select(histogram => histogram.Schema));
        Assert.Equal([[], [0.5]], Histograms.Select(histogram => histogram.CustomValues));
    }

    [Fact]
    public void HistogramTimestamp()
    {
        AssertEach(run.Of(V2Page).ValuesOf("v2_duration_count"), sample => Assert.InRange(sample.TimestampMs, run.Node.Times.StartedMs, run.Node.Times.EndedMs));
        AssertEach(Histograms, histogram => Assert.Equal(SentAt, histogram.TimestampMs));
    }

    [Fact]
    public void HistogramNoMixedWithSamples()
    {
        AssertEach(Series.Concat(Native.Series), series => Assert.False(series.Samples.Count > 0 && series.Histograms.Count > 0));
        Assert.Equal([1.0, 2.0], Native.Samples.Select(sample => sample.Value));
    }

    [Fact]
    public void HistogramLargeCounts() => Assert.Contains(run.Of(V2Page).ValuesOf("v2_duration_bucket"), sample => sample.Labels["le"] == "+Inf" && sample.Value == 1e9);

    /// <summary>Of the page's one nothing is sent.</summary>
    [Fact]
    public void ExemplarValueAndTimestamp()
    {
        AssertEach(Series, series => Assert.Empty(series.Exemplars));
        var exemplar = Assert.Single(Native.Series.SelectMany(series => series.Exemplars));
        Assert.Equal((0.67, SentAt), (exemplar.Value, exemplar.TimestampMs));
        Assert.Equal(new Dictionary<string, string> { ["trace_id"] = "abc123" }, exemplar.Labels);
    }

    private static IEnumerable<WrittenHistogram> Histograms => Native.Series.SelectMany(series => series.Histograms);

    private static WrittenV2 EncodeNative()
    {
        var store = new LabelStore(withSymbols: true);
        var series = new StoredLabels(store, store.Add(Labels.Of(("__name__", "v2_native"), ("job", "V2Page"))));
        var exponential = new NativeHistogram
        {
            Count = 16,
            Sum = 18.4,
            Schema = 3,
            ZeroThreshold = 1e-128,
            ZeroCount = 2,
            Positive = new HistogramBuckets([new BucketSpan(0, 2), new BucketSpan(3, 1)], [3, 1, -2], []),
            Negative = new HistogramBuckets([new BucketSpan(1, 1)], [5], []),
        };
        var custom = new NativeHistogram
        {
            IsFloat = true,
            Count = 4.5,
            Sum = 7.25,
            Schema = -53,
            Positive = new HistogramBuckets([new BucketSpan(0, 2)], [], [1.5, 3]),
            CustomValues = [0.5],
        };
        var body = new WriteV2Encoder(null).Encode(
            [new PendingSample(series, SentAt - 1, 1), new PendingSample(series, SentAt + 1, 2)],
            [new PendingExemplar(series, Labels.Of(("trace_id", "abc123")), 0.67, SentAt)],
            [new PendingHistogram(series, SentAt, exponential), new PendingHistogram(series, SentAt, custom)]);
        return WriteV2Reader.Read(IronSnappy.Snappy.Decode(body.ToArray()));
    }

    private IEnumerable<ReceivedWrite> Writes => Requests.Where(request => request.Samples.Any(sample => sample.Name == "v2_requests_total" && !sample.IsStale));

    private void AssertAlways(string name, double value)
    {
        var values = run.Of(V2Page).ValuesOf(name);
        Assert.NotEmpty(values);
        AssertEach(values, sample => Assert.Equal(value, sample.Value));
    }
}
