using System.Globalization;
using System.Reflection;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>
/// What a sender of remote write 2.0 MUST do, case by case, under the names of the public suite (https://github.com/prometheus/compliance, remotewrite/sender): a
/// real node scrapes, a recorder takes. Of the cases that the suite has had and has, those that it calls MUST; tests have their names in Pascal's spelling.
/// </summary>
[Collection(SenderRun.Name)]
public sealed partial class SenderV2CaseTests(SenderRun run)
{
    private static readonly string[] Musts =
    [
        "post_method", "content_type_protobuf", "content_encoding_snappy", "snappy_block_format", "version_header_present", "user_agent_present",
        "symbols_empty_at_index_zero", "labels_refs_valid_indices", "labels_refs_even_length", "label_lexicographic_ordering", "metric_name_label_present",
        "no_duplicate_labels", "label_completeness", "empty_label_value", "metric_name_with_colons", "unicode_in_labels",
        "samples_value", "samples_timestamp", "millisecond_precision", "timestamp_ordering_within_series", "special_float_combinations", "stale_marker",
        "multiple_metric_types", "mixed_sample_and_histogram_families", "complete_metric_family", "real_world_scenario",
        "native_histogram_structure", "histogram_count_present", "histogram_sum_present", "histogram_schema", "histogram_timestamp",
        "histogram_no_mixed_with_samples", "histogram_large_counts", "exemplar_value_and_timestamp",
        "no_retry_on_4xx", "retry_on_500", "backoff_required", "handle_204_no_content", "handle_200_ok", "ignore_response_body_on_success",
        "log_error_messages_verbatim", "sender_continues_after_errors", "fallback_header_changes", "no_fallback_on_2xx",
        "rw1_samples_encoding", "rw1_labels_encoding", "rw1_label_lexicographic_ordering", "rw1_metric_name_label_present", "rw1_no_native_histograms",
        "rw1_no_start_timestamp", "rw1_symbol_table_not_used",
    ];

    private const string Is2 = "protobuf_message: io.prometheus.write.v2.Request\n";
    private const string Emoji = "🚀 测试 مرحبا tôi";

    /// <summary>Scraped texts and the bits that must arrive.</summary>
    private static readonly Dictionary<string, (string Text, ulong Bits)> Specials = new()
    {
        ["nan"] = ("NaN", 0x7ff8000000000001),
        ["inf"] = ("+Inf", BitConverter.DoubleToUInt64Bits(double.PositiveInfinity)),
        ["ninf"] = ("-Inf", BitConverter.DoubleToUInt64Bits(double.NegativeInfinity)),
        ["zero"] = ("0", 0),
        ["negative zero"] = ("-0", 0x8000000000000000),
        ["negative"] = ("-123.45", BitConverter.DoubleToUInt64Bits(-123.45)),
        ["subnormal"] = ("5e-324", 1),
        ["huge"] = ("1e308", BitConverter.DoubleToUInt64Bits(1e308)),
    };

    /// <summary>Every kind of metric, in OpenMetrics; the answers are 200 with a text and 204 in turn.</summary>
    private static readonly SenderCase V2Page = new(n => new Page(PageOf(n)) { ContentType = Page.OpenMetrics })
    {
        Queue = Is2 + "queue_config: {batch_send_deadline: 1s, max_shards: 1}\nmetadata_config: {send_interval: 1s}",
        Answer = request => new WriteAnswer(request.Number % 2 == 0 ? 200 : 204) { Text = request.Number % 2 == 0 ? "error: nothing was written, send again" : "" },
        Enough = record => record.Served.Count > SenderCase.DefaultPages && record.Of("v2_passing").Any(sample => sample.IsStale)
            && record.Requests.Any(request => request.V2!.Series.Any(series => series.Metadata is { Family: "v2_rpc_sum", Type: Summary })),
    };

    private IReadOnlyList<ReceivedWrite> Requests => run.Of(V2Page).Requests;

    private IEnumerable<WrittenSeries> Series => Requests.SelectMany(request => request.V2!.Series);

    [Fact]
    public void EveryMustOfThePublicSuite_HasATestOfItsName()
    {
        var tests = typeof(SenderV2CaseTests).GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => method.Name).ToHashSet();
        Assert.DoesNotContain(Musts, name => !tests.Contains(string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))));
    }

    [Fact]
    public void PostMethod() => AssertEach(Requests, request => Assert.Equal("POST", request.Method));

    [Fact]
    public void ContentTypeProtobuf() => AssertEach(Requests, request => Assert.Equal(WriteV2Reader.ContentType, request.Headers["Content-Type"]));

    [Fact]
    public void ContentEncodingSnappy() => AssertEach(Requests, request => Assert.Equal("snappy", request.Headers["Content-Encoding"]));

    /// <summary>It was read as a block; the other format begins with the name of its stream.</summary>
    [Fact]
    public void SnappyBlockFormat() => AssertEach(Requests, request => Assert.False(request.Body.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xff, 0x06, 0x00, 0x00, 0x73])));

    [Fact]
    public void VersionHeaderPresent() => AssertEach(Requests, request => Assert.Equal("2.0.0", request.Headers["X-Prometheus-Remote-Write-Version"]));

    [Fact]
    public void UserAgentPresent() => AssertEach(Requests, request => Assert.Matches("^ScrapeCluster/[^ ]+$", request.Headers["User-Agent"]));

    [Fact]
    public void SymbolsEmptyAtIndexZero() => AssertEach(Requests, request => Assert.Equal("", request.V2!.Symbols[0]));

    [Fact]
    public void LabelsRefsValidIndices() =>
        AssertEach(Requests, request => AssertEach(request.V2!.Series.SelectMany(series => series.Refs), symbol => Assert.InRange(symbol, 0, request.V2.Symbols.Count - 1)));

    [Fact]
    public void LabelsRefsEvenLength() => AssertEach(Series, series => Assert.Equal(0, series.Refs.Count % 2));

    [Fact]
    public void LabelLexicographicOrdering() =>
        AssertEach(run.Of(V2Page).Samples, sample => Assert.Equal(sample.LabelNames.Order(StringComparer.Ordinal), sample.LabelNames));

    [Fact]
    public void MetricNameLabelPresent() => AssertEach(run.Of(V2Page).Samples, sample => Assert.NotEqual("", sample.Name));

    [Fact]
    public void NoDuplicateLabels() => AssertEach(run.Of(V2Page).Samples, sample => Assert.Equal(sample.LabelNames.Distinct(), sample.LabelNames));

    [Fact]
    public void LabelCompleteness() => AssertEach(
        run.Of(V2Page).Of("v2_memory_bytes"),
        sample => Assert.Equal($"{{__name__=\"v2_memory_bytes\", instance=\"{run.Node.Exporter.Address}\", job=\"V2Page\"}}", sample.Series));

    [Fact]
    public void EmptyLabelValue()
    {
        AssertEach(run.Of(V2Page).Samples, sample => Assert.DoesNotContain("", sample.Labels.Values));
        Assert.Equal(["__name__", "bar", "emoji", "instance", "job"], run.Of(V2Page).Of("v2_labels")[0].LabelNames);
    }

    [Fact]
    public void MetricNameWithColons() => Assert.Equal(0.5, run.Of(V2Page).ValuesOf("http:request:duration:seconds")[0].Value);

    [Fact]
    public void UnicodeInLabels() => Assert.Equal(Emoji, run.Of(V2Page).ValuesOf("v2_labels")[0].Labels["emoji"]);

    [Fact]
    public void SamplesValue()
    {
        AssertEach(run.Of(V2Page).ValuesOf("v2_third"), sample => Assert.Equal(101.13, sample.Value));
        run.Of(V2Page).AssertEveryPage("v2_requests_total");
    }

    [Fact]
    public void SamplesTimestamp() => AssertEach(
        run.Of(V2Page).Samples, sample => Assert.InRange(sample.TimestampMs, run.Node.Times.StartedMs, run.Node.Times.EndedMs));

    [Fact]
    public void MillisecondPrecision()
    {
        var record = run.Of(V2Page);
        Assert.NotEmpty(record.Of("v2_timed"));
        AssertEach(record.Of("v2_timed"), sample => Assert.Contains(record.Served, page => page.Body.Contains($"v2_timed 1 {Seconds(sample.TimestampMs)}\n", StringComparison.Ordinal)));
    }

    [Fact]
    public void TimestampOrderingWithinSeries()
    {
        AssertEach(Series, series => Assert.Equal(series.Samples.OrderBy(sample => sample.TimestampMs), series.Samples));
        AssertEach(run.Of(V2Page).Samples.GroupBy(sample => sample.Series), series => Assert.Equal(series.OrderBy(sample => sample.TimestampMs), series));
        run.Of(V2Page).AssertNoRepeats();
    }

    [Fact]
    public void SpecialFloatCombinations() => Assert.Equal(
        Specials.ToDictionary(special => special.Key, special => special.Value.Bits),
        run.Of(V2Page).ValuesOf("v2_special").DistinctBy(sample => (sample.Series, sample.Bits)).ToDictionary(sample => sample.Labels["type"], sample => sample.Bits));

    [Fact]
    public void StaleMarker()
    {
        Assert.NotEmpty(run.Of(V2Page).AssertMarkers("v2_passing"));
        AssertEach(run.Of(V2Page).Samples.Where(sample => double.IsNaN(sample.Value) && sample.Name != "v2_special"), sample => Assert.Equal(WrittenSample.StaleBits, sample.Bits));
    }

    /// <summary>Of nothing nothing is shown.</summary>
    private static void AssertEach<T>(IEnumerable<T> these, Action<T> assert)
    {
        List<T> all = [.. these];
        Assert.NotEmpty(all);
        Assert.All(all, assert);
    }

    private static string PageOf(int n) => string.Create(CultureInfo.InvariantCulture, $$"""
        # HELP v2_requests Requests, {{Emoji}}.
        # TYPE v2_requests counter
        v2_requests_total {{n}} # {trace_id="abc123"} 1
        # HELP v2_memory_bytes Memory.
        # TYPE v2_memory_bytes gauge
        # UNIT v2_memory_bytes bytes
        v2_memory_bytes {{1048576 + n}}
        # TYPE v2_duration histogram
        v2_duration_bucket{le="0.1"} {{n}}
        v2_duration_bucket{le="+Inf"} 1000000000
        v2_duration_sum 5000000000.5
        v2_duration_count 1000000000
        # TYPE v2_rpc summary
        v2_rpc{quantile="0.5"} {{n}}
        v2_rpc_sum 50.5
        v2_rpc_count 1000
        # TYPE v2_labels gauge
        v2_labels{foo="",emoji="{{Emoji}}",bar="qux"} 42
        # TYPE v2_third gauge
        v2_third 101.13
        # TYPE v2_timed gauge
        v2_timed 1 {{Seconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 3)}}
        # TYPE http:request:duration:seconds gauge
        http:request:duration:seconds 0.5
        # TYPE v2_special gauge
        {{string.Concat(Specials.Select(special => $"v2_special{{type=\"{special.Key}\"}} {special.Value.Text}\n"))}}{{(n % 4 < 2 ? "# TYPE v2_passing gauge\nv2_passing 1\n" : "")}}# EOF

        """);

    private static string Seconds(long milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000}.{milliseconds % 1000:000}");
}
