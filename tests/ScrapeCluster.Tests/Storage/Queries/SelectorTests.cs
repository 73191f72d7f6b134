using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Storage.Queries;

public sealed class SelectorTests : IDisposable
{
    private readonly StorageFixture _storage = new();

    public SelectorTests()
    {
        _storage.Append(batch =>
        {
            batch.TimestampMs = 1000;
            batch.AddNew(Labels.Of(("__name__", "up"), ("job", "a"), ("instance", "1")), 1);
            batch.AddNew(Labels.Of(("__name__", "up"), ("job", "b"), ("instance", "2")), 1);
            batch.AddNew(Labels.Of(("__name__", "up"), ("job", "c")), 1);
            batch.AddNew(Labels.Of(("__name__", "other"), ("job", "a"), ("instance", "1")), 1);
        });
        _storage.Append(batch =>
        {
            batch.TimestampMs = 5000;
            batch.AddNew(Labels.Of(("__name__", "late"), ("job", "a")), 1);
        });
    }

    public void Dispose() => _storage.Dispose();

    [Theory]
    [InlineData("up", "up a 1|up b 2|up c ")]
    [InlineData("up{job=\"a\"}", "up a 1")]
    [InlineData("up{job=~\"a|b\"}", "up a 1|up b 2")]
    [InlineData("up{job=~\"[bc]\"}", "up b 2|up c ")]
    [InlineData("up{job!=\"a\"}", "up b 2|up c ")]
    [InlineData("up{job!~\"a|b\"}", "up c ")]
    [InlineData("up{instance=\"\"}", "up c ")]
    [InlineData("up{instance!=\"\"}", "up a 1|up b 2")]
    [InlineData("up{instance=~\"1|\"}", "up a 1|up c ")]
    [InlineData("up{instance!~\"1|\"}", "up b 2")]
    [InlineData("up{nosuch=\"\"}", "up a 1|up b 2|up c ")]
    [InlineData("up{nosuch!=\"x\",job=\"a\"}", "up a 1")]
    [InlineData("{job=\"a\"}", "late a |other a 1|up a 1")]
    [InlineData("{job=\"a\",job=~\".*\",instance=~\".+\"}", "other a 1|up a 1")]
    [InlineData("{job=\"a\",instance=\"\"}", "late a ")]
    [InlineData("nosuch", "")]
    public void Series_Selector_SelectsAsPrometheus(string selector, string expected)
    {
        var found = _storage.Storage.Query.Series(StorageFixture.Matchers(selector))
            .Select(labels => $"{labels.Get("__name__")} {labels.Get("job")} {labels.Get("instance")}");
        Assert.Equal(expected.Length == 0 ? [] : expected.Split('|'), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void LabelNamesAndValues_FollowMatchersAndRange()
    {
        var query = _storage.Storage.Query;
        Assert.Equal(["__name__", "instance", "job"], query.LabelNames([]));
        Assert.Equal(["__name__", "job"], query.LabelNames(StorageFixture.Matchers("late")));
        Assert.Equal(["late", "other", "up"], query.LabelValues("__name__", []));
        Assert.Equal(["other", "up"], query.LabelValues("__name__", [], 0, 2000));
        Assert.Equal(["a", "b", "c"], query.LabelValues("job", StorageFixture.Matchers("up")));
        Assert.Empty(query.LabelValues("nosuch", []));
    }

    [Fact]
    public void LatestSamples_TakesTheNewestWithinTheLookbackAndSkipsEndedSeries()
    {
        _storage.Append("a", 10_000, 1);
        _storage.Append("a", 20_000, 2);
        _storage.Append("ended", 10_000, 1);
        _storage.Append("ended", 20_000, SpecialValues.StaleNaN);
        var lookback = TimeSpan.FromSeconds(5);
        var test = StorageFixture.Matchers("{job=\"test\"}");
        Assert.Equal([("a", 20_000, 2)], Latest(24_999));
        Assert.Empty(Latest(25_000));
        Assert.Equal([("a", 10_000, 1), ("ended", 10_000, 1)], Latest(14_000));

        IEnumerable<(string?, long, double)> Latest(long atMs) => _storage.Storage.Query.LatestSamples(test, atMs, lookback)
            .Select(sample => (sample.Labels.Get("__name__"), sample.TimestampMs, sample.Value));
    }

    [Fact]
    public void Select_Range_IncludesBothEnds()
    {
        for (var t = 1; t <= 1000; t++)
        {
            _storage.Append("a", t * 1000, t);
        }

        var found = Assert.Single(_storage.Select("a", 100_000, 900_000));
        Assert.Equal(Enumerable.Range(100, 801).Select(t => t * 1000L), found.TimestampsMs);
        Assert.Equal(Enumerable.Range(100, 801).Select(t => (double)t), found.Values);
        Assert.Empty(_storage.Select("a", 2_000_000));
        Assert.Equal(9 + 5, _storage.Storage.Query.Stats.ChunkCount);
    }
}
