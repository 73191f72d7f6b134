using System.Text;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>Series that another node exposed before: what the first page here does not have gets its marker.</summary>
public class AdoptTests
{
    private const string Histogram = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n";

    [Fact]
    public void LinesBeforeTheFirstScrape_AreSettledByIt()
    {
        var script = new ScrapeScript();
        script.Adopt(Exposed("a 1\nb{x=\"y\"} 2\nc 3\n"));

        Assert.Equal(["a 4", "b{x=\"y\"} stale", "c stale", "d 5"], script.Scrape("a 4\nd 5\n"));
        Assert.Equal(["a 4", "d 5"], script.Scrape("a 4\nd 5\n"));
    }

    [Fact]
    public void LinesAfterTheFirstScrape_AreSettledByTheNext()
    {
        var script = new ScrapeScript();
        script.Scrape("a 1\n");
        script.Adopt(Exposed("a 1\nb 2\n"));

        Assert.Equal(["a 2", "b stale"], script.Scrape("a 2\n"));
        Assert.Equal(0, script.Counts.Added);
    }

    [Fact]
    public void FailedFirstScrape_MarksAllOnce()
    {
        var script = new ScrapeScript();
        script.Adopt(Exposed("a 1\nb 2\n"));

        Assert.Equal(["a stale", "b stale"], script.Fail("refused"));
        Assert.Empty(script.Fail("refused"));
        Assert.Equal(["a 1"], script.Scrape("a 1\n"));
    }

    [Fact]
    public void NeverScraped_TheEndMarksSeriesAndReport()
    {
        var script = new ScrapeScript(target: Labels.Of(("job", "j")));
        script.Adopt(Exposed("a 1\n"));

        var markers = script.End();
        Assert.Equal("a{job=\"j\"} stale", markers[0]);
        Assert.Contains("up{job=\"j\"} stale", markers);
        Assert.Equal(6, markers.Length);
    }

    [Fact]
    public void TypedSeries_AreMarkedUnderTheirCanonicalLabels()
    {
        var script = new ScrapeScript();
        script.Adopt(Exposed(Histogram));

        Assert.Equal(["h_bucket{le=\"+Inf\"} stale", "h_bucket{le=\"1.0\"} stale", "h_count stale", "h_sum stale"], script.Scrape("", null));
    }

    [Fact]
    public void SeriesThatRelabellingDropsHere_AreLeftOut()
    {
        var script = new ScrapeScript(new ScrapeConfig
        {
            JobName = "test",
            MetricRelabelConfigs = [new RelabelConfig { Action = RelabelAction.Drop, SourceLabels = ["__name__"], Regex = "b" }],
        });
        script.Adopt(Exposed("a 1\nb 2\n"));

        Assert.Equal(["a stale"], script.Scrape("", null));
        Assert.Equal(["a 1"], script.Scrape("a 1\nb 1\n"));
    }

    [Fact]
    public void LinesThatAreNoSeries_AreLeftOut()
    {
        using var lines = new SeriesLinesWriter();
        foreach (var text in (string[])["a", "{", "b{", "c{x=", "d{x=\"y\"", "e 1\nf", "# TYPE", " g", "h{x=\"y\"}", "i\0"])
        {
            lines.Add(Encoding.UTF8.GetBytes(text), SeriesFlags.None);
        }

        var script = new ScrapeScript();
        script.Adopt(lines.Pack());
        Assert.Equal(["a stale", "h{x=\"y\"} stale"], script.Scrape("", null));
    }

    [Fact]
    public void ManySeries_ForgottenAfterAFailure_AreNoForcedFlush()
    {
        var script = new ScrapeScript();
        script.Adopt(Exposed(string.Concat(Enumerable.Range(0, 3000).Select(static i => $"m{i} 1\n"))));

        Assert.Equal(3000, script.Fail("refused").Length);
        Assert.False(script.FlushWasForced);
    }

    /// <summary>However often a target moves, what its owners store together is what one node alone would have stored.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void RandomMoves_TogetherStoreWhatOneNodeWould(int seed)
    {
        var random = new Random(seed);
        var alone = new ScrapeScript();
        var owner = new ScrapeScript();
        for (var round = 0; round < 300; round++)
        {
            if (random.Next(3) == 0)
            {
                var next = new ScrapeScript(startAt: owner.Now);
                next.Adopt(owner.PackLines());
                owner = next;
            }

            var page = RandomPage(random, alone.NowMs + 59_000);
            if (random.Next(6) == 0)
            {
                Assert.Equal(alone.Fail("refused"), owner.Fail("refused"));
            }
            else
            {
                Assert.Equal(alone.Scrape(page), owner.Scrape(page));
            }
        }
    }

    private static string RandomPage(Random random, long explicitMs)
    {
        var page = new StringBuilder();
        for (var i = 0; i < 40; i++)
        {
            if (random.Next(4) > 0)
            {
                page.Append("m").Append(i).Append(i % 3 == 0 ? "{x=\"a\\nb\"} " : " ").Append(random.Next(100)).Append(random.Next(50) == 0 ? $" {explicitMs}\n" : "\n");
            }
        }

        // Now and then the page breaks off in a line that nobody can read.
        return random.Next(8) == 0 ? page.Append("7&-\n").ToString() : page.ToString();
    }

    private static byte[] Exposed(string page)
    {
        var script = new ScrapeScript();
        script.Scrape(page);
        return script.PackLines();
    }
}
