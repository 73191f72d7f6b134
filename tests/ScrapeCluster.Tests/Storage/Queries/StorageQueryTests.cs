using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Tests.Storage.Compaction;

namespace ScrapeCluster.Tests.Storage.Queries;

/// <summary>Head, blocks, and a block that overlaps both, as one: against a dictionary.</summary>
public sealed class StorageQueryTests : IDisposable
{
    private const long StepMs = 5 * 60_000;
    private const long FirstMs = 1_700_000_000_000;
    private const int Steps = 9 * 12;
    private const string Replica = "replica";

    private readonly StorageFixture _storage = new(options => options with { RetentionTime = TimeSpan.Zero });
    private readonly SortedDictionary<Labels, SortedDictionary<long, double>> _model = new(LabelsOrder.Instance);

    public StorageQueryTests()
    {
        var random = new Random(5);
        for (var step = 0; step < Steps; step++)
        {
            Scrape(FirstMs + (step * StepMs), random);
        }

        Maintain();
        AddOverlappingBlock();
    }

    private StorageQuery Query => _storage.Storage.Query;

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void Open_RandomRangesAndSelectors_GivesEachSampleOnceInOrder()
    {
        Assert.True(_storage.Storage.Blocks.Blocks.Count >= 3, "the test is about blocks");
        Assert.True(_storage.Storage.Query.Stats.MinTimeMs > FirstMs, "the head was cut");
        var random = new Random(6);
        string[] selectors = ["{job=\"test\"}", "s1", "{__name__=~\"s[13].*\"}", "{job=\"test\",zone=\"\"}", "{zone!=\"\",replica=\"0\"}", "{job=\"test\",__name__!~\"s.\"}", "nosuch"];
        for (var round = 0; round < 200; round++)
        {
            var matchers = StorageFixture.Matchers(selectors[random.Next(selectors.Length)]);
            var minMs = FirstMs + random.NextInt64(-StepMs, Steps * StepMs);
            var maxMs = round % 10 == 0 ? long.MaxValue : minMs + random.NextInt64(Steps * StepMs);
            minMs = round % 9 == 0 ? long.MinValue : minMs;

            var found = Read(new Selection(matchers, minMs, maxMs));

            var expected = _model
                .Where(series => matchers.All(matcher => matcher.Matches(series.Key)))
                .Select(series => (series.Key, Samples: series.Value.Where(sample => sample.Key >= minMs && sample.Key <= maxMs).ToList()))
                .Where(series => series.Samples.Count > 0)
                .ToList();
            Assert.Equal(expected.Select(series => series.Key), found.Select(series => series.Labels));
            foreach (var (wanted, got) in expected.Zip(found))
            {
                Assert.Equal(wanted.Samples.Select(sample => (sample.Key, BitConverter.DoubleToUInt64Bits(sample.Value))),
                    got.TimestampsMs.Zip(got.Values.Select(BitConverter.DoubleToUInt64Bits)));
            }
        }

        Assert.True(_storage.Storage.Query.Pending.HaveEnded(long.MaxValue, long.MaxValue), "queries that are over are not pending");
    }

    [Fact]
    public void Open_Chunks_AreCutToTheRangeAndInOrder()
    {
        var (minMs, maxMs) = (FirstMs + (30 * StepMs) + 1, FirstMs + (70 * StepMs) - 1);
        using var series = Query.Open(new Selection([], minMs, maxMs));
        while (series.MoveNext())
        {
            Assert.All(series.Chunks, chunk => Assert.True(chunk.MinMs >= minMs && chunk.MaxMs <= maxMs && chunk.MinMs <= chunk.MaxMs));
            Assert.All(series.Chunks.Zip(series.Chunks.Skip(1)), pair => Assert.True(pair.First.MaxMs < pair.Second.MinMs));
        }
    }

    [Fact]
    public void Open_HiddenLabel_IsNeitherShownNorSortedBy()
    {
        foreach (var replica in (string[])["0", "1"])
        {
            var matchers = StorageFixture.Matchers($"{{{Replica}=\"{replica}\"}}");

            var found = Read(new Selection(matchers) { HiddenLabel = Replica });

            var expected = _model.Where(series => series.Key.Get(Replica) == replica).Select(series => Without(series.Key)).Order(LabelsOrder.Instance);
            Assert.Equal(expected, found.Select(series => series.Labels));
            Assert.All(found, series => Assert.Equal(_model[With(series.Labels, replica)].Keys, series.TimestampsMs));
        }
    }

    [Fact]
    public void Open_OfLabels_GivesSeriesThatTouchTheRange()
    {
        var matchers = StorageFixture.Matchers("{job=\"test\"}");

        Assert.Equal(_model.Keys, Query.Series(matchers));
        Assert.Empty(Query.Series(matchers, FirstMs + (Steps * StepMs)));
        Assert.Equal(["early"], Query.LabelValues("__name__", StorageFixture.Matchers("early")));
        Assert.Empty(Query.LabelValues("__name__", StorageFixture.Matchers("early"), FirstMs + (Steps / 2 * StepMs)));
        Assert.Equal(_model.Keys.Select(labels => labels.Get("__name__")).Distinct().Order(StringComparer.Ordinal), Query.LabelValues("__name__", []));
        Assert.Equal(["__name__", "job", "odd", Replica, "zone"], Query.LabelNames([]));
        Assert.Equal(["__name__", "job"], Query.LabelNames(StorageFixture.Matchers("early")));
    }

    [Fact]
    public void Open_MoreThanAllowed_FailsWithTheLimit()
    {
        var everything = new Selection([]);
        var samples = _model.Sum(series => series.Value.Count);
        var series = _model.Count;
        Assert.Equal(series, Read(everything, new QueryLimits(series, samples)).Count);

        var tooManySeries = Assert.Throws<QueryLimitException>(() => Read(everything, new QueryLimits(series - 1, 0)));
        var tooManySamples = Assert.Throws<QueryLimitException>(() => Read(everything, new QueryLimits(0, samples - 1)));

        Assert.True(tooManySeries.IsOfSeries);
        Assert.Contains($"more than {series - 1} series", tooManySeries.Message, StringComparison.Ordinal);
        Assert.Contains("scrapecluster.reads.max-samples", tooManySamples.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NewestSamples_OfABlock_CountWhereTheyAreNewer()
    {
        var atMs = FirstMs + (Steps * StepMs);
        using (var block = new MemoryBlock(_storage, FirstMs + ((Steps - 1) * StepMs) + 1, atMs + 1))
        {
            block.Write("brought", (atMs - 2000, 1), (atMs - 1000, 2));
            block.Write("s0", (atMs - 1000, 77));
        }

        var newest = Query.NewestSamples(StorageFixture.Matchers("{__name__=~\"brought|s0\",zone=\"\",replica=\"\"}"), atMs, TimeSpan.FromMinutes(10)).ToDictionary(sample => sample.Labels.Get("__name__")!);

        Assert.Equal((atMs - 1000, 2, 1000), (newest["brought"].TimestampMs, newest["brought"].Value, newest["brought"].SpacingMs));
        Assert.Equal((atMs - 1000, 77), (newest["s0"].TimestampMs, newest["s0"].Value));
    }

    /// <summary>The block is there while a query that began before it reads on: the head keeps what the query needs until it is over.</summary>
    [Fact]
    public async Task Truncation_WaitsForQueriesThatDoNotKnowTheBlock()
    {
        using var storage = new StorageFixture(options => options with { RetentionTime = TimeSpan.Zero });
        for (var step = 0; step < 6 * 12; step++)
        {
            storage.Append("a", step * StepMs, step);
            storage.Append("b", step * StepMs, step);
        }

        var writer = storage.Storage.Writer;
        var before = storage.Storage.Query.Open(new Selection([]));
        Assert.True(before.MoveNext());
        var compaction = await writer.BeginCompaction(TestContext.Current.CancellationToken)!;
        writer.EndCompaction(compaction);
        var after = storage.Storage.Query.Open(new Selection([]));

        Assert.False(writer.BeginTruncation());
        Assert.True(before.MoveNext());
        Assert.Equal(6 * 12, Samples(before).TimestampsMs.Count);
        before.Dispose();

        Assert.True(writer.BeginTruncation());
        while (writer.ContinueTruncation())
        {
        }

        Assert.True(after.MoveNext());
        Assert.Equal(6 * 12, Samples(after).TimestampsMs.Count);
        after.Dispose();
    }

    private void Scrape(long timeMs, Random random) => _storage.Append(batch =>
    {
        batch.TimestampMs = timeMs;
        for (var number = 0; number < 24; number++)
        {
            if (random.Next(6) > 0)
            {
                Put(batch, SeriesOf(number), timeMs, random.Next(20) == 0 ? SpecialValues.StaleNaN : random.Next(100));
            }
        }

        if (timeMs < FirstMs + (10 * StepMs))
        {
            Put(batch, Labels.Of((Labels.MetricName, "early"), ("job", "test")), timeMs, 1);
        }
    });

    /// <summary>Some sets are the beginning of others but for the replica, which is where hiding it changes the order.</summary>
    private static Labels SeriesOf(int number)
    {
        List<(string, string)> labels = [(Labels.MetricName, $"s{number / 6}"), ("job", "test")];
        labels.AddRange((number % 6) switch
        {
            0 => [],
            1 => [("zone", "z")],
            2 => [(Replica, "0")],
            3 => [(Replica, "1")],
            4 => [(Replica, "0"), ("zone", "z"), ("odd", "é")],
            _ => [(Replica, "1"), ("odd", "x")],
        });
        return Labels.Of([.. labels]);
    }

    private void Put(SampleBatch batch, Labels labels, long timeMs, double value)
    {
        batch.AddNew(labels, value);
        if (!_model.TryGetValue(labels, out var samples))
        {
            _model[labels] = samples = [];
        }

        samples[timeMs] = value;
    }

    private void Maintain()
    {
        var writer = _storage.Storage.Writer;
        while (writer.BeginCompaction(TestContext.Current.CancellationToken) is { } compaction)
        {
            writer.EndCompaction(compaction.GetAwaiter().GetResult());
            if (writer.BeginTruncation())
            {
                while (writer.ContinueTruncation())
                {
                }
            }
        }
    }

    /// <summary>Every other sample of one series again, and samples between them; and a series that nobody else has.</summary>
    private void AddOverlappingBlock()
    {
        using var block = new MemoryBlock(_storage, FirstMs + (10 * StepMs), FirstMs + (100 * StepMs));
        var known = _model.Keys.First(labels => labels.Get(Labels.MetricName) == "s1");
        var samples = _model[known];
        var added = new SortedDictionary<long, double>();
        foreach (var (timeMs, value) in samples.Where(sample => sample.Key >= FirstMs + (10 * StepMs) && sample.Key < FirstMs + (100 * StepMs)))
        {
            added[timeMs] = value;
            added[timeMs + 1000] = value + 1;
        }

        block.Write(known, [.. added.Select(sample => (sample.Key, sample.Value))]);
        foreach (var (timeMs, value) in added)
        {
            samples[timeMs] = value;
        }

        var own = Labels.Of((Labels.MetricName, "own"), ("job", "test"));
        block.Write(own, (FirstMs + (20 * StepMs), 4));
        _model[own] = new SortedDictionary<long, double> { [FirstMs + (20 * StepMs)] = 4 };
    }

    private List<SeriesSamples> Read(Selection selection, QueryLimits limits = default)
    {
        using var series = Query.Open(selection, limits);
        var found = new List<SeriesSamples>();
        while (series.MoveNext())
        {
            var (timestamps, values) = Samples(series);
            found.Add(new SeriesSamples(series.Labels, [.. timestamps], [.. values]));
        }

        return found;
    }

    private static (List<long> TimestampsMs, List<double> Values) Samples(SeriesCursor series)
    {
        List<long> timestamps = [];
        List<double> values = [];
        series.ReadSamples(timestamps, values);
        return (timestamps, values);
    }

    private static Labels Without(Labels labels) => Labels.Of([.. labels.ToPairs().Where(label => label.Key != Replica).Select(label => (label.Key, label.Value))]);

    private static Labels With(Labels labels, string replica) => Labels.Of([.. labels.ToPairs().Select(label => (label.Key, label.Value)), (Replica, replica)]);

    /// <summary>A block that is written into the directory and known to the storage when this is disposed of.</summary>
    private sealed class MemoryBlock(StorageFixture storage, long minMs, long endMs) : IDisposable
    {
        private readonly MemoryInput _input = new();

        public void Write(string name, params ReadOnlySpan<(long TimestampMs, double Value)> samples) => Write(StorageFixture.Series(name), samples);

        public void Write(Labels labels, params ReadOnlySpan<(long TimestampMs, double Value)> samples) => _input.Add(labels, MemoryInput.Chunk(samples));

        public void Dispose()
        {
            var header = BlockHeader.OfHead(Ulid.New(minMs, new Random((int)endMs)), minMs, endMs);
            new BlockWriter(DiskFiles.Instance).Write(storage.Directory, header, _input, TestContext.Current.CancellationToken);
            storage.Storage.Blocks.Replace([], header.Id);
        }
    }
}
