using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>Requests of 2.0, read by the plainest reader, which also checks what every message must be.</summary>
public sealed class WriteV2EncoderTests
{
    /// <summary>Batches of samples of several stores, with series that come again, labels that other labels' names or values equal, and long texts.</summary>
    [Fact]
    public void Encode_Random_AsSent()
    {
        var random = new Random(1);
        var encoder = new WriteV2Encoder(null);
        for (var round = 0; round < 60; round++)
        {
            var store = new LabelStore(withSymbols: true);
            var known = Enumerable.Range(0, random.Next(1, 200)).Select(_ => Some(random)).DistinctBy(Text)
                .Select(labels => (Labels: labels, Stored: new StoredLabels(store, store.Add(labels)))).ToList();
            var compact = new LabelStore(withSymbols: true);
            var copies = known.Select(item => new StoredLabels(compact, compact.Add(store, item.Stored.Place))).ToList();
            var moved = random.Next(3) == 0 ? random.Next(400) : int.MaxValue;
            var sent = new List<PendingSample>();
            var expected = new List<ReceivedSample>();
            for (var i = 0; i < random.Next(1, 400); i++)
            {
                var series = random.Next(known.Count);
                var sample = new PendingSample(i < moved ? known[series].Stored : copies[series], 1_700_000_000_000 + i, random.NextDouble());
                sent.Add(sample);
                expected.Add(new ReceivedSample(Text(known[series].Labels), sample.TimestampMs, BitConverter.DoubleToUInt64Bits(sample.Value)));
            }

            var received = ReferenceRequestV2.Decode(encoder.Encode(sent.ToArray()).ToArray(), []);
            Assert.Equal(expected.GroupBy(sample => sample.Series).ToDictionary(one => one.Key, one => one.ToList()), received.GroupBy(sample => sample.Series).ToDictionary(one => one.Key, one => one.ToList()));
        }
    }

    [Fact]
    public void Encode_OneMoment_KeepsTheOrderOfTheScrape()
    {
        var store = new LabelStore(withSymbols: true);
        var samples = Enumerable.Range(0, 300).Select(i => new PendingSample(new StoredLabels(store, store.Add(RemoteWriteBench.Series((ulong)i))), 5, i)).ToArray();
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (double)i), ReferenceRequestV2.Decode(new WriteV2Encoder(null).Encode(samples).ToArray(), []).Select(sample => sample.Value));
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Encode_AnyTimestamp_AsSent(long timestampMs)
    {
        var store = new LabelStore(withSymbols: true);
        var sample = new PendingSample(new StoredLabels(store, store.Add(RemoteWriteBench.Series(1))), timestampMs, -0.0);
        var received = Assert.Single(ReferenceRequestV2.Decode(new WriteV2Encoder(null).Encode([sample]).ToArray(), []));
        Assert.Equal(new ReceivedSample(RemoteWriteBench.Text(1), timestampMs, BitConverter.DoubleToUInt64Bits(-0.0)), received);
    }

    [Fact]
    public void Encode_Metadata_WithEverySeriesOfItsFamily()
    {
        MetadataEntry[] families =
        [
            new("http_requests_total", new(MetricType.Counter, "Requests.", "")),
            new("jobs", new(MetricType.Counter, "Jobs.", "")),
            new("rpc_seconds", new(MetricType.Histogram, "Calls 🚀.", "seconds")),
            new("gc_seconds", new(MetricType.Summary, "", "seconds")),
            new("queue", new(MetricType.GaugeHistogram, "Queue.", "")),
            new("build", new(MetricType.Info, "Build.", "")),
            new("size_bytes", new(MetricType.Gauge, "seconds", "bytes")),
            new("thing_count", new(MetricType.Gauge, "Not of a histogram.", "")),
            new("thing", new(MetricType.Gauge, "Thing.", "")),
        ];
        string[] metrics =
        [
            "http_requests_total", "jobs_total", "jobs_created", "rpc_seconds_bucket", "rpc_seconds_sum", "rpc_seconds_count", "gc_seconds", "gc_seconds_sum",
            "queue_gcount", "queue_bucket", "build_info", "size_bytes", "thing_count", "thing_sum", "thing_total", "unknown", "up",
        ];
        Assert.Equal(
            [
                "http_requests_total: 1 Requests. ", "jobs_total: 1 Jobs. ", "jobs_created: 1 Jobs. ", "rpc_seconds_bucket: 3 Calls 🚀. seconds", "rpc_seconds_sum: 3 Calls 🚀. seconds",
                "rpc_seconds_count: 3 Calls 🚀. seconds", "gc_seconds: 5  seconds", "gc_seconds_sum: 5  seconds", "queue_gcount: 4 Queue. ", "queue_bucket: 4 Queue. ", "build_info: 6 Build. ",
                "size_bytes: 2 seconds bytes", "thing_count: 2 Not of a histogram. ", "up: 2 Whether the last scrape of the target succeeded: 1 or 0. ",
            ],
            MetadataOf(new FamilyTable(() => families, TimeSpan.FromMinutes(1), TimeProvider.System), metrics));
    }

    [Fact]
    public void Families_NewMetric_AreReadAgainSoonAndOtherwiseAtTheInterval()
    {
        var time = new ManualTimeProvider();
        var families = new List<MetadataEntry> { new("a", new(MetricType.Gauge, "A.", "")) };
        var reads = 0;
        var table = new FamilyTable(
            () =>
            {
                reads++;
                return families.ToArray();
            },
            TimeSpan.FromMinutes(1),
            time);
        Assert.Null(table.Find(EncodedText.Of("a").Text));
        Assert.Equal(["a: 2 A. "], MetadataOf(table, "a", "b"));
        families.Add(new("b", new(MetricType.Counter, "B.", "")));
        Assert.Equal(["a: 2 A. "], MetadataOf(table, "a", "b"));
        Assert.Equal(1, reads);

        time.Advance(FamilyTable.LeastInterval);
        Assert.Equal(["a: 2 A. ", "b: 1 B. "], MetadataOf(table, "a", "b", "c"));
        time.Advance(FamilyTable.LeastInterval);
        MetadataOf(table, "c");
        Assert.Equal(3, reads);

        // A metric that nobody speaks of is asked for once.
        time.Advance(FamilyTable.LeastInterval);
        MetadataOf(table, "c");
        Assert.Equal(3, reads);
        families[0] = new("a", new(MetricType.Gauge, "Other.", ""));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["a: 2 Other. "], MetadataOf(table, "a"));
        Assert.Equal(4, reads);
    }

    [Fact]
    public void Encode_ManyRequests_AllocateNothing()
    {
        var store = new LabelStore(withSymbols: true);
        MetadataEntry[] families = [new("m", new(MetricType.Gauge, "M.", ""))];
        var table = new FamilyTable(() => families, TimeSpan.FromHours(1), TimeProvider.System);
        table.Refresh();
        var samples = Enumerable.Range(0, 500).Select(i => new PendingSample(new StoredLabels(store, store.Add(RemoteWriteBench.Series((ulong)i))), i, i)).ToArray();
        var encoder = new WriteV2Encoder(table);
        encoder.Encode(samples);
        encoder.Encode(samples);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            encoder.Encode(samples);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static List<string> MetadataOf(FamilyTable table, params string[] metrics)
    {
        var store = new LabelStore(withSymbols: true);
        var metadata = new List<string>();
        table.Refresh();
        ReferenceRequestV2.Decode(
            new WriteV2Encoder(table).Encode([.. metrics.Select(metric => new PendingSample(new StoredLabels(store, store.Add(Labels.Of(("__name__", metric)))), 1, 1))]).ToArray(), metadata);
        return [.. metadata.Select(text => text["__name__=".Length..])];
    }

    private static Labels Some(Random random)
    {
        var labels = new List<(string, string)> { ("__name__", $"m{random.Next(20)}") };
        foreach (var name in new[] { "A", "instance", "m1", "zone" })
        {
            if (random.Next(4) > 0)
            {
                labels.Add((name, random.Next(20) == 0 ? new string('x', random.Next(1, 100_000)) : $"m{random.Next(100)}"));
            }
        }

        return Labels.Of([.. labels]);
    }

    private static string Text(Labels labels) => string.Join(",", labels.ToPairs().Select(pair => $"{pair.Key}={pair.Value}"));
}
