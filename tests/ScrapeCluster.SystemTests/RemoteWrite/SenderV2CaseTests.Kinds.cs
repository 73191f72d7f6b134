using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <content>Kinds of metrics. Histograms come in their classic form: native ones and exemplars are not stored yet, so what the suite asks of these holds of none.</content>
public sealed partial class SenderV2CaseTests
{
    private const int Counter = 1;
    private const int Gauge = 2;
    private const int Histogram = 3;
    private const int Summary = 5;

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
        Assert.All(Writes, request => Assert.Subset(request.Samples.Select(sample => sample.Name).ToHashSet(), names.ToHashSet()));
    }

    /// <summary>All of a family that a scrape has seen arrives.</summary>
    [Fact]
    public void CompleteMetricFamily()
    {
        var scrapes = run.Of(V2Page).Samples.Where(sample => !sample.IsStale && sample.Name.StartsWith("v2_duration_", StringComparison.Ordinal)).GroupBy(sample => sample.TimestampMs).ToList();
        Assert.NotEmpty(scrapes);
        Assert.All(scrapes, scrape => Assert.Equal(
            ["v2_duration_bucket +Inf", "v2_duration_bucket 0.1", "v2_duration_count ", "v2_duration_sum "],
            scrape.Select(sample => $"{sample.Name} {sample.Labels.GetValueOrDefault("le", "")}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void RealWorldScenario()
    {
        run.Of(V2Page).AssertEveryPage("v2_requests_total");
        Assert.All(Series, series => Assert.True(series.Samples.Count > 0 && series.Histograms == 0));
    }

    [Fact]
    public void NativeHistogramStructure() => Assert.NotEmpty(run.Of(V2Page).ValuesOf("v2_duration_bucket"));

    [Fact]
    public void HistogramCountPresent() => AssertAlways("v2_duration_count", 1e9);

    [Fact]
    public void HistogramSumPresent() => AssertAlways("v2_duration_sum", 5000000000.5);

    [Fact]
    public void HistogramSchema() => Assert.All(Series, series => Assert.Equal(0, series.Histograms));

    [Fact]
    public void HistogramTimestamp() => Assert.All(
        run.Of(V2Page).ValuesOf("v2_duration_count"), sample => Assert.InRange(sample.TimestampMs, run.Node.Times.StartedMs, run.Node.Times.EndedMs));

    [Fact]
    public void HistogramNoMixedWithSamples() => Assert.All(Series, series => Assert.False(series.Samples.Count > 0 && series.Histograms > 0));

    [Fact]
    public void HistogramLargeCounts() => Assert.Contains(run.Of(V2Page).ValuesOf("v2_duration_bucket"), sample => sample.Labels["le"] == "+Inf" && sample.Value == 1e9);

    /// <summary>The page has one. Those that a later version sends are held to it by the tests of the encoder.</summary>
    [Fact]
    public void ExemplarValueAndTimestamp() => Assert.All(Series, series => Assert.Equal(0, series.Exemplars));

    private IEnumerable<ReceivedWrite> Writes => Requests.Where(request => request.Samples.Any(sample => sample.Name == "v2_requests_total" && !sample.IsStale));

    private void AssertAlways(string name, double value)
    {
        var values = run.Of(V2Page).ValuesOf(name);
        Assert.NotEmpty(values);
        Assert.All(values, sample => Assert.Equal(value, sample.Value));
    }
}
