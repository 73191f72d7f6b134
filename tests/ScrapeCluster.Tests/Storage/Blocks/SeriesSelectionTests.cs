using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Tests.Storage.Blocks;

/// <summary>Selectors against a walk over all series by the matchers themselves.</summary>
public sealed class SeriesSelectionTests : BlockTestBase
{
    private static readonly string[] _names = [Labels.MetricName, "instance", "unique", "sometimes", "odd0", "odd1", "absent", ""];
    private static readonly string[] _values = ["", "metric_1", "metric_3", "10.0.0.1:9100", "7", "12", "é", "日本語", "nonsense"];

    private static readonly string[] _patterns =
        ["", ".*", ".+", "metric_(1|2)", "metric_1|metric_2|metric_3", "|7|8", "1.", ".*9100", "1|2|3|4", "[0-9]*", "(?i)METRIC_1", "10\\.0\\.0\\..*", "é|日本語", ".?"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Select_RandomSelectors_EqualsTheWalk(int seed)
    {
        var random = new Random(seed);
        var model = SeriesModel.Random(seed, 50 << (seed * 2), maxSamples: 5);
        using var block = WriteAndOpen(model);
        var all = model.Series.Where(series => series.Value.Count > 0).Select(series => series.Key).ToList();
        for (var i = 0; i < 400; i++)
        {
            LabelMatcher[] matchers = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => RandomMatcher(random))];
            var expected = all.Where(labels => matchers.All(matcher => matcher.Matches(labels))).ToList();
            using var reader = block.TryRead();
            var query = new BlockQuery(reader!);

            var found = query.Series(matchers).ToList();

            Assert.True(expected.SequenceEqual(found), $"{string.Join(", ", (object[])matchers)}: {expected.Count} expected, {found.Count} found");
            Assert.Equal(SortedTexts(expected.SelectMany(labels => labels.ToPairs().Select(pair => pair.Key))), query.LabelNames(matchers));
            var name = _names[random.Next(_names.Length)];
            Assert.Equal(SortedTexts(expected.Select(labels => labels.Get(name)).OfType<string>()), query.LabelValues(name, matchers));
        }
    }

    [Fact]
    public void Select_WithoutMatchers_GivesAllInOrder()
    {
        var model = SeriesModel.Random(9, 700, maxSamples: 3);
        using var block = WriteAndOpen(model);
        using var reader = block.TryRead();
        var query = new BlockQuery(reader!);
        var all = model.Series.Where(series => series.Value.Count > 0).Select(series => series.Key).ToList();

        Assert.Equal(all, query.Series([]));
        Assert.Equal(SortedTexts(all.SelectMany(labels => labels.ToPairs().Select(pair => pair.Key))), query.LabelNames([]));
        foreach (var name in query.LabelNames([]))
        {
            Assert.Equal(SortedTexts(all.Select(labels => labels.Get(name)).OfType<string>()), query.LabelValues(name, []));
        }

        Assert.Empty(query.LabelValues("absent", []));
        Assert.Empty(query.LabelValues("", []));
        Assert.Equal(query.LabelNames([]), query.LabelNames([], block.MinMs, block.EndMs - 1));
        Assert.Empty(query.LabelNames([], block.EndMs, block.EndMs + 10));
    }

    /// <summary>Every entry of the postings table is found, also around the places kept in memory, and nothing between them.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(1000)]
    public void Postings_OfEveryValue_AreFound(int values)
    {
        var model = new SeriesModel();
        for (var i = 0; i < values; i++)
        {
            // One value that does not fit the first guess of an entry's size.
            model.Add(Labels.Of(("a", "x"), ("id", i == 5 ? new string('5', 3000) : $"{2 * i:D6}")), (i, i));
        }

        using var block = WriteAndOpen(model);
        using var index = IndexReader.Open(Path.Combine(block.Folder, IndexReader.FileName));
        using var cursor = new IndexCursor(index);
        Assert.True(index.Postings.TryFindName("id"u8, out var range));
        Assert.Equal(values, range.ValueCount);
        foreach (var labels in model.Series.Keys)
        {
            Assert.True(labels.TryGet("id"u8, out var value));
            Assert.True(cursor.TryFindPostings(range, value, out var postings));
            var series = new PostingsBuffer();
            cursor.ReadPostings(postings, series);
            Assert.Equal(1, series.Count);
        }

        foreach (var absent in Enumerable.Range(-1, values + 2).Select(i => $"{(2 * i) + 1:D6}").Append("").Append("zzz"))
        {
            Assert.False(cursor.TryFindPostings(range, System.Text.Encoding.UTF8.GetBytes(absent), out _), absent);
        }
    }

    private static LabelMatcher RandomMatcher(Random random)
    {
        var op = (MatchOp)random.Next(4);
        var value = op is MatchOp.Regex or MatchOp.NotRegex ? _patterns[random.Next(_patterns.Length)] : _values[random.Next(_values.Length)];
        Assert.True(LabelMatcher.TryCreate(_names[random.Next(_names.Length)], op, value, out var matcher, out var fault), fault);
        return matcher;
    }

    private static IEnumerable<string> SortedTexts(IEnumerable<string> texts) => texts.Distinct().Order(Utf8Order.Instance);
}
