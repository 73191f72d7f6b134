using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>Which samples of a scrape bring metadata with them (behaviour: Prometheus scrape/scrape.go with metadata-wal-records).</summary>
public sealed class DescribedSeriesTests
{
    private const string Requests = "# HELP requests Those answered.\n# TYPE requests counter\nrequests_total{code=\"200\"} 1\nrequests_total{code=\"500\"} 2\n";
    private const string Temperature = "# TYPE temperature gauge\ntemperature 20\n";

    private static readonly MetricMetadata Answered = new(MetricType.Counter, "Those answered.", "");
    private static readonly MetricMetadata Gauge = new(MetricType.Gauge, "", "");

    private readonly ScrapeScript _script = new(describes: true);

    [Fact]
    public void NewSeries_BringTheirFamily_Once()
    {
        Assert.Equal(
            [("requests_total{code=\"200\"}", Answered), ("requests_total{code=\"500\"}", Answered), ("temperature", Gauge)],
            Scrape(Requests + Temperature));
        Assert.Empty(Scrape(Requests + Temperature));
        Assert.Equal([("requests_total{code=\"404\"}", Answered)], Scrape(Requests + "requests_total{code=\"404\"} 1\n" + Temperature));
    }

    [Fact]
    public void ReportSeries_AreGaugesWithAUnit()
    {
        _script.Scrape("a 1\n");
        Assert.Equal(5, _script.Head.Described.Count);
        Assert.All(_script.Head.Described, entry => Assert.True(entry.Metadata is { Type: MetricType.Gauge, Help.Length: > 10, Unit.Length: > 4 }));
        Assert.Equal("seconds", _script.Head.Described.Single(entry => entry.Series == "scrape_duration_seconds").Metadata.Unit);
        _script.Scrape("a 1\n");
        Assert.Equal(5, _script.Head.Described.Count);
    }

    [Fact]
    public void ChangedHelp_IsBroughtByEverySeriesOfTheFamily_AndNoOther()
    {
        Scrape(Requests + Temperature);
        var other = Requests.Replace("Those answered.", "All of them.", StringComparison.Ordinal);
        var changed = Answered with { Help = "All of them." };
        Assert.Equal([("requests_total{code=\"200\"}", changed), ("requests_total{code=\"500\"}", changed)], Scrape(other + Temperature));
        Assert.Empty(Scrape(other + Temperature));
    }

    [Fact]
    public void UnitAndTypeOfOpenMetrics_Arrive()
    {
        const string Page = "# TYPE wait_seconds histogram\n# UNIT wait_seconds seconds\nwait_seconds_bucket{le=\"+Inf\"} 1\nwait_seconds_count 1\nwait_seconds_sum 1\n# EOF\n";
        var wait = new MetricMetadata(MetricType.Histogram, "", "seconds");
        Assert.Equal(
            [("wait_seconds_bucket{le=\"+Inf\"}", wait), ("wait_seconds_count", wait), ("wait_seconds_sum", wait)],
            Scrape(Page, "application/openmetrics-text; version=1.0.0"));
    }

    [Fact]
    public void SeriesOfOtherNames_UnderAFamily_BringNothing()
    {
        Assert.Equal([("temperature", Gauge)], Scrape(Temperature + "temperature_total 1\nhumidity 2\ntemperature2 3\n"));
    }

    [Fact]
    public void SeriesThatRelabellingRenames_BringNothing()
    {
        var script = new ScrapeScript(
            new ScrapeConfig
            {
                JobName = "test",
                MetricRelabelConfigs =
                    [new RelabelConfig { SourceLabels = ["__name__", "code"], Separator = ";", Regex = "requests_total;500", TargetLabel = "__name__", Replacement = "errors" }],
            },
            describes: true);
        script.Scrape(Requests);
        Assert.Equal([("requests_total{code=\"200\"}", Answered)], Pages(script));
        script.Head.Described.Clear();
        script.Scrape(Requests.Replace("Those", "These", StringComparison.Ordinal));
        Assert.Equal("requests_total{code=\"200\"}", Assert.Single(Pages(script)).Series);
    }

    /// <summary>What changes in a scrape that fails, or that the storage does not take, is said by the next one that counts.</summary>
    [Fact]
    public void ChangeInALostScrape_IsBroughtByTheNext()
    {
        var other = Requests.Replace("Those", "These", StringComparison.Ordinal);
        Scrape(Requests);
        Assert.Empty(Scrape(other + "broken{\n"));
        _script.Head.Error = "disk full";
        _script.Scrape(other);
        _script.Head.Error = null;
        Assert.Equal(2, Scrape(other).Length);
        Assert.Empty(Scrape(other));
    }

    [Fact]
    public void SeriesThatTheStorageForgot_BringItAgain()
    {
        var all = Scrape(Requests + Temperature);
        _script.Head.ForgetReferences();
        Assert.Equal(all, Scrape(Requests + Temperature));
        Assert.Equal(5, _script.Head.Described.Count(entry => IsReport(entry.Series)));
    }

    [Fact]
    public void SeriesTakenOverFromAnotherNode_BringItHereToo()
    {
        var first = Scrape(Requests + Temperature);
        var next = new ScrapeScript(startAt: _script.Now, describes: true);
        next.Adopt(_script.PackLines());
        next.Scrape(Requests + Temperature);
        Assert.Equal(first, Pages(next));
    }

    [Fact]
    public void WarmScrape_BringsNothingAndAllocatesNothingForIt()
    {
        var page = string.Concat(Enumerable.Range(0, 200).Select(static i => $"# HELP m{i} Text.\n# TYPE m{i} gauge\nm{i} 1\n"));
        var (with, without) = (Cost(page, describes: true), Cost(page, describes: false));
        Assert.InRange(with, 0, without + 1000);
    }

    [Fact]
    public void Off_BringsNothing()
    {
        var script = new ScrapeScript();
        script.Scrape(Requests);
        script.Scrape(Requests.Replace("Those", "These", StringComparison.Ordinal));
        Assert.Empty(script.Head.Described);
    }

    [Theory]
    [InlineData("a", MetricType.Gauge, "a", true)]
    [InlineData("a", MetricType.Gauge, "a_sum", false)]
    [InlineData("a", MetricType.Counter, "a_total", true)]
    [InlineData("a_total", MetricType.Counter, "a_total", true)]
    [InlineData("a_total", MetricType.Counter, "a", false)]
    [InlineData("a_total", MetricType.Counter, "a_total_total", false)]
    [InlineData("a", MetricType.Counter, "a_created", false)]
    [InlineData("a", MetricType.Histogram, "a_bucket", true)]
    [InlineData("a", MetricType.Histogram, "a_gcount", false)]
    [InlineData("a", MetricType.GaugeHistogram, "a_gcount", true)]
    [InlineData("a", MetricType.GaugeHistogram, "a_gsum", true)]
    [InlineData("a", MetricType.Summary, "a_count", true)]
    [InlineData("a", MetricType.Summary, "a_bucket", false)]
    [InlineData("a", MetricType.Info, "a_info", true)]
    [InlineData("a", MetricType.StateSet, "ab", false)]
    public void Includes_FollowsTheSuffixesOfTheType(string family, MetricType type, string metric, bool isIncluded)
    {
        Assert.Equal(isIncluded, FamilyRule.Includes(System.Text.Encoding.UTF8.GetBytes(family), type, System.Text.Encoding.UTF8.GetBytes(metric)));
    }

    private static long Cost(string page, bool describes)
    {
        var script = new ScrapeScript(describes: describes);
        for (var i = 0; i < 5; i++)
        {
            script.Scrape(page);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        script.Scrape(page);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private (string Series, MetricMetadata Metadata)[] Scrape(string page, string contentType = ScrapeScript.Text)
    {
        _script.Head.Described.Clear();
        _script.Scrape(page, contentType);
        return Pages(_script);
    }

    private static (string Series, MetricMetadata Metadata)[] Pages(ScrapeScript script) => [.. script.Head.Described.Where(entry => !IsReport(entry.Series))];

    private static bool IsReport(string series) => series is "up" || series.StartsWith("scrape_", StringComparison.Ordinal);
}
