using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>Pages in a row and the samples they must give (behaviour reference 1.5, 1.6 and 5.4).</summary>
public class ScrapeSequenceTests
{
    private static readonly ScrapeConfig Plain = new() { JobName = "test" };

    [Fact]
    public void Scrape_SamePageTwice_AddsSeriesOnce()
    {
        var script = new ScrapeScript();

        script.Scrape("test_metric 1\n");
        Assert.Equal((1, 1, 1), script.Counts);

        script.Scrape("test_metric 1\n");
        Assert.Equal((1, 1, 0), script.Counts);
    }

    [Fact]
    public void Scrape_DuplicateLines_FirstWinsAndOthersAreCounted()
    {
        var script = new ScrapeScript();

        Assert.Equal(["test_metric 1"], script.Scrape("test_metric 1\ntest_metric 2\ntest_metric 3\n"));
        Assert.Equal((3, 3, 1), script.Counts);
        Assert.Equal(2, script.Outcome.Counts.Duplicates);

        script.Scrape("test_metric 1\ntest_metric 1\ntest_metric 1\n");
        Assert.Equal((3, 3, 0), script.Counts);
        Assert.Equal(2, script.Outcome.Counts.Duplicates);

        var now = script.NowMs + 60_000;
        Assert.Equal(
            // The series without timestamps of its own has ended.
            [$"test_metric 1@{now - 3}", $"test_metric 1@{now - 2}", $"test_metric 1@{now - 1}", "test_metric stale"],
            script.Scrape($"test_metric 1 {now - 3}\ntest_metric 1 {now - 2}\ntest_metric 1 {now - 1}\n"));
        Assert.Equal(0, script.Outcome.Counts.Duplicates);
    }

    [Fact]
    public void Scrape_SampleLimit_FailsAndReportsCounts()
    {
        var script = new ScrapeScript(Plain with { SampleLimit = 1 });

        Assert.Empty(script.Scrape("metric_a 1\nmetric_b 1\nmetric_c 1\n"));
        Assert.Equal((3, 3, 1), script.Counts);
        Assert.Equal(0, script.Report("up"));
        Assert.Equal("sample limit exceeded", script.Outcome.Fault);
        Assert.True(script.Outcome.Counts.LimitExceeded);
    }

    [Fact]
    public void Scrape_SampleLimitWithDroppedLines_CountsWhatRelabellingLeft()
    {
        var script = new ScrapeScript(Plain with
        {
            SampleLimit = 1,
            MetricRelabelConfigs = [new RelabelConfig { Action = RelabelAction.Drop, SourceLabels = ["__name__"], Regex = "dropped_.*" }],
        });

        script.Scrape("a 1\nb 1\nc 1\ndropped_a 1\ndropped_b 1\ndropped_c 1\nd 1\ne 1\nf 1\n");

        Assert.Equal((9, 6, 1), script.Counts);
    }

    [Fact]
    public void Scrape_SampleLimitAndDisappearingSeries_MarksWhatTheFailedScrapeAccepted()
    {
        var script = new ScrapeScript(Plain with { SampleLimit = 4 });

        Assert.Equal(["metric_a 1", "metric_b 1", "metric_c 1"], script.Scrape("metric_a 1\nmetric_b 1\nmetric_c 1\n"));
        Assert.Equal((3, 3, 3), script.Counts);

        Assert.Empty(script.Scrape("metric_a 1\nmetric_b 1\nmetric_c 1\nmetric_d 1\nmetric_e 1\nmetric_f 1\n"));
        Assert.Equal((6, 6, 1), script.Counts);

        Assert.Equal(["metric_a 1", "metric_b 1", "metric_c stale", "metric_d stale"], script.Scrape("metric_a 1\nmetric_b 1\n"));
        Assert.Equal((2, 2, 0), script.Counts);
    }

    [Fact]
    public void Scrape_SampleLimitBreachedByOneMore_WritesNoMarkersInThatRound()
    {
        var script = new ScrapeScript(Plain with { SampleLimit = 4 });
        const string Four = "metric_a 1\nmetric_b 1\nmetric_c 1\nmetric_d 1\n";

        Assert.Equal(4, script.Scrape(Four).Length);
        Assert.Empty(script.Scrape(Four + "metric_e 1\n"));
        Assert.Equal(4, script.Scrape(Four).Length);
        Assert.Equal(["metric_a stale", "metric_b stale", "metric_c stale", "metric_d stale"], script.Fail("connection refused"));
        Assert.Equal(9 + 5 + 9 + 9, script.Head.Stored.Count);
    }

    [Fact]
    public void Scrape_LimitReachedByOtherOrder_MarksTheSeriesThatWasPushedOut()
    {
        var script = new ScrapeScript(Plain with { SampleLimit = 2 });
        script.Scrape("a 1\nb 1\n");

        Assert.Equal(["a stale"], script.Scrape("b 1\nc 1\na 1\n"));
    }

    [Fact]
    public void Scrape_FailedAfterGoodOne_WritesMarkerAndUpZero()
    {
        var script = new ScrapeScript();
        Assert.Equal(["metric_a 42"], script.Scrape("metric_a 42\n"));
        Assert.Equal(1, script.Report("up"));

        Assert.Equal(["metric_a stale"], script.Fail("context deadline exceeded"));
        Assert.Equal(0, script.Report("up"));
        Assert.Empty(script.Fail("context deadline exceeded"));
    }

    [Fact]
    public void Scrape_UnparsablePage_WritesMarkerAndUpZero()
    {
        var script = new ScrapeScript();
        script.Scrape("metric_a 42\n");

        Assert.Equal(["metric_a stale"], script.Scrape("7&-\n"));
        Assert.Equal(0, script.Report("up"));
        Assert.NotNull(script.Outcome.Fault);
    }

    [Fact]
    public void Scrape_FaultHalfWay_TakesBackEverything()
    {
        var script = new ScrapeScript();

        Assert.Empty(script.Scrape("metric_a 42\nmetric_b 1\n7&-\n"));
        Assert.Equal(2, script.Report("scrape_samples_scraped"));
        // Accepted by the failed scrape, so it owes a marker although it never had a sample.
        Assert.Equal(["metric_a 1", "metric_b stale"], script.Scrape("metric_a 1\n"));
    }

    [Fact]
    public void Scrape_EmptyPage_SucceedsAndMarksAll()
    {
        var script = new ScrapeScript();
        script.Scrape("metric_a 1\n");

        Assert.Equal(["metric_a stale"], script.Scrape("", contentType: null));
        Assert.Equal(1, script.Report("up"));
    }

    [Fact]
    public void Scrape_VanishedSeries_IsMarkedOnceAndComesBack()
    {
        var script = new ScrapeScript();
        script.Scrape("a 1\nb 2\nc 3\n");

        Assert.Equal(["a 1", "b stale", "c 3"], script.Scrape("a 1\nc 3\n"));
        Assert.Equal(["a 1", "c 3"], script.Scrape("a 1\nc 3\n"));
        Assert.Equal(["a 1", "b 2", "c 3"], script.Scrape("a 1\nb 2\nc 3\n"));
        Assert.Equal((3, 3, 1), script.Counts);
    }

    [Fact]
    public void Scrape_ExplicitTimestamp_IsNeverMarked()
    {
        var script = new ScrapeScript();
        Assert.Equal(["metric_a 1@1000"], script.Scrape("metric_a 1 1000\n"));
        Assert.Equal(["other 1"], script.Scrape("other 1\n"));
    }

    [Fact]
    public void Scrape_ExplicitTimestampTracked_IsMarked()
    {
        var script = new ScrapeScript(Plain with { TrackTimestampsStaleness = true });
        script.Scrape("metric_a 1 1000\n");

        Assert.Equal(["metric_a stale"], script.Scrape("", null));
    }

    [Fact]
    public void Scrape_HonorTimestampsOff_UsesTheScrapesTime()
    {
        Assert.Equal(["metric_a 1@0"], new ScrapeScript().Scrape("metric_a 1 0\n"));
        Assert.Equal(["metric_a 1"], new ScrapeScript(Plain with { HonorTimestamps = false }).Scrape("metric_a 1 0\n"));
    }

    [Fact]
    public void Scrape_DuplicateLabelNames_FailsTheWholeScrape()
    {
        var script = new ScrapeScript();

        Assert.Empty(script.Scrape("test_metric{le=\"500\"} 1\ntest_metric{le=\"600\",le=\"700\"} 1\n"));
        Assert.Contains("not unique", script.Outcome.Fault);
        Assert.Equal(["test_metric{le=\"500\"} 1"], new ScrapeScript().Scrape("test_metric{le=\"500\"} 1\n"));
    }

    [Fact]
    public void Scrape_NameRemovedByRelabelling_Fails()
    {
        var script = new ScrapeScript(Plain with
        {
            MetricRelabelConfigs =
            [
                new RelabelConfig { Action = RelabelAction.Drop, SourceLabels = ["drop"], Regex = "drop" },
                new RelabelConfig { SourceLabels = ["__name__"], TargetLabel = "no", Replacement = "$1" },
                new RelabelConfig { SourceLabels = ["__name__"], Regex = "nok.*", TargetLabel = "__name__", Replacement = "" },
            ],
        });

        Assert.Empty(script.Scrape("nok 1\nnok2{drop=\"drop\"} 1\n"));
        Assert.Equal("missing metric name (__name__ label)", script.Outcome.Fault);
    }

    [Fact]
    public void Scrape_TooFarInTheFuture_IsDroppedAndCounted()
    {
        var script = new ScrapeScript();
        var future = script.NowMs + 60_000 + (20 * 60_000);

        Assert.Empty(script.Scrape($"normal 1 {future}\n"));
        Assert.Equal((1, 1), (script.Counts.Scraped, script.Counts.PostRelabelling));
        Assert.Equal(1, script.Outcome.Counts.OutOfBounds);
        Assert.Equal(0, script.Report("scrape_series_added"));
    }

    [Fact]
    public void Scrape_StorageRefusesSome_KeepsTheOthers()
    {
        var script = new ScrapeScript();
        script.Head.Refuse = static (labels, _) => labels.Get(Labels.MetricName) switch
        {
            "out_of_order" => RefusalReason.OutOfOrder,
            "amend" => RefusalReason.DuplicateTimestamp,
            "out_of_bounds" => RefusalReason.OutOfBounds,
            _ => null,
        };

        Assert.Equal(["normal 1"], script.Scrape("out_of_order 1\namend 1\nnormal 1\nout_of_bounds 1\n"));
        Assert.Equal((4, 4, 1), script.Counts);
        Assert.Equal((1, 1, 1), (script.Refused.OutOfOrder, script.Refused.Duplicates, script.Refused.OutOfBounds));
        Assert.Equal(1, script.Report("up"));
    }

    [Fact]
    public void Scrape_TrackedSeriesRefused_GetsItsMarkerInTheSameScrape()
    {
        var script = new ScrapeScript();
        script.Scrape("metric_a 1\nmetric_b 1\n");
        script.Head.Refuse = static (labels, value) => labels.Get(Labels.MetricName) == "metric_a" && !double.IsNaN(value) ? RefusalReason.OutOfOrder : null;

        Assert.Equal(["metric_a stale", "metric_b 2"], script.Scrape("metric_a 2\nmetric_b 2\n"));
        Assert.Equal(["metric_b 3"], script.Scrape("metric_a 3\nmetric_b 3\n"));
    }

    [Fact]
    public void Scrape_StorageForgotSeries_SendsThemAgainWithLabels()
    {
        var script = new ScrapeScript(target: Labels.Of(("job", "j")));
        script.Scrape("a 1\nb{x=\"y\"} 2\n");
        script.Head.ForgetReferences();

        Assert.Equal(["a{job=\"j\"} 3", "b{job=\"j\",x=\"y\"} 4"], script.Scrape("a 3\nb{x=\"y\"} 4\n"));
        Assert.Equal(1, script.Report("up"));
        Assert.Equal((2, 2, 0), script.Counts);
        Assert.Equal(["a{job=\"j\"} 5", "b{job=\"j\",x=\"y\"} 6"], script.Scrape("a 5\nb{x=\"y\"} 6\n"));
    }

    [Fact]
    public void Scrape_StorageFails_NothingIsLostForTheNextOne()
    {
        var script = new ScrapeScript();
        script.Head.Error = "no space left on device";
        Assert.Empty(script.Scrape("a 1\n"));

        script.Head.Error = null;
        Assert.Equal(["a 2"], script.Scrape("a 2\n"));
        Assert.Equal(["a stale"], script.Scrape("", null));
    }

    [Fact]
    public void Scrape_TypedBounds_AreCanonicalAlsoWhenSentAgain()
    {
        var script = new ScrapeScript();
        const string Page = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n";
        string[] expected = ["h_bucket{le=\"+Inf\"} 1", "h_bucket{le=\"1.0\"} 1", "h_count 1", "h_sum 1"];

        Assert.Equal(expected, script.Scrape(Page));
        script.Head.ForgetReferences();
        Assert.Equal(expected, script.Scrape(Page));
    }

    [Fact]
    public void Scrape_BoundsStrippedByRelabelling_StayStripped()
    {
        var script = new ScrapeScript(Plain with
        {
            MetricRelabelConfigs = [new RelabelConfig { SourceLabels = ["le"], Regex = "(\\d+)\\.0+", TargetLabel = "le" }],
        });

        Assert.Equal(["h_bucket{le=\"0.005\"} 1", "h_bucket{le=\"10\"} 1"], script.Scrape("# TYPE h histogram\nh_bucket{le=\"0.005\"} 1\nh_bucket{le=\"10\"} 1\n"));
    }

    [Fact]
    public void Scrape_LegacyNamesOnly_RefusesOthers()
    {
        var legacy = Plain with { MetricNameValidationScheme = LabelNameRule.Legacy };

        Assert.Equal(["test.metric 1"], new ScrapeScript().Scrape("{\"test.metric\"} 1\n"));
        var script = new ScrapeScript(legacy);
        Assert.Empty(script.Scrape("{\"test.metric\"} 1\n"));
        Assert.Contains("invalid metric name or label names", script.Outcome.Fault);
        Assert.Equal(["a:b 1"], new ScrapeScript(legacy).Scrape("a:b 1\n"));
    }

    [Fact]
    public void Scrape_RelabelledToInvalidName_Fails()
    {
        var script = new ScrapeScript(Plain with
        {
            MetricNameValidationScheme = LabelNameRule.Legacy,
            MetricRelabelConfigs = [new RelabelConfig { SourceLabels = ["__name__"], TargetLabel = "__name__", Replacement = "$1-x" }],
        });

        Assert.Empty(script.Scrape("a 1\n"));
        Assert.Contains("invalid metric name or label names", script.Outcome.Fault);
    }

    [Fact]
    public void Scrape_InvalidUtf8_Fails()
    {
        var script = new ScrapeScript();
        Assert.Empty(script.ScrapeBytes([.. "a{x=\""u8, 0xFF, .. "\"} 1\n"u8]));
        Assert.Equal(0, script.Report("up"));
    }

    [Theory]
    [InlineData(null, "a 1\n", "blank Content-Type")]
    [InlineData("text/html", "a 1\n", "unsupported Content-Type")]
    public void Scrape_NoUsableContentType_Fails(string? contentType, string page, string fault)
    {
        var script = new ScrapeScript();
        Assert.Empty(script.Scrape(page, contentType));
        Assert.Contains(fault, script.Outcome.Fault);

        var lenient = new ScrapeScript(Plain with { FallbackScrapeProtocol = ScrapeProtocol.PrometheusText004 });
        Assert.Equal(["a 1"], lenient.Scrape(page, contentType));
    }

    [Fact]
    public void Scrape_TextualVariantsOfOneSeries_FirstWinsAndOnlyOneIsAdded()
    {
        var script = new ScrapeScript();

        Assert.Equal(["a{x=\"1\"} 1"], script.Scrape("a{x=\"1\"} 1\na{x=\"1\",} 2\n"));
        Assert.Equal((2, 2, 1), script.Counts);
        Assert.Equal(1, script.Refused.Duplicates);
    }

    [Fact]
    public void Scrape_ChangingSeriesWhileFailing_DoesNotGrowForEver()
    {
        var script = new ScrapeScript(Plain with { SampleLimit = 100_000 });
        var forced = false;
        for (var i = 0; i < 40; i++)
        {
            script.Scrape(string.Concat(Enumerable.Range(0, 100).Select(n => $"metric_{i}_{n} 1\n")) + "7&-\n");
            forced |= script.FlushWasForced;
            Assert.InRange(script.CachedSeries, 0, 1200);
        }

        Assert.True(forced);
    }

    [Fact]
    public void Scrape_ExtraMetrics_AreReported()
    {
        var script = new ScrapeScript(Plain with { ExtraScrapeMetrics = true, SampleLimit = 7 });

        script.Scrape("a 1\n");
        Assert.Equal((10, 7, 4), (script.Report("scrape_timeout_seconds"), script.Report("scrape_sample_limit"), script.Report("scrape_body_size_bytes")));

        script.Fail("connection refused");
        Assert.Equal(0, script.Report("scrape_body_size_bytes"));
    }

    [Fact]
    public void Scrape_ReportUnderLimits_IsUnaffected()
    {
        var script = new ScrapeScript(Plain with { SampleLimit = 1, LabelLimit = 1 });
        script.Scrape("a 1\n");

        Assert.Equal(1, script.Report("up"));
        Assert.Equal(6, script.Head.Stored.Count);
    }

    [Fact]
    public void End_AfterScrapes_MarksSeriesAndReport()
    {
        var script = new ScrapeScript();
        script.Scrape("a 1\nb 1 1000\n");

        Assert.Equal(
            [
                "a stale", "scrape_duration_seconds stale", "scrape_samples_post_metric_relabeling stale", "scrape_samples_scraped stale",
                "scrape_series_added stale", "up stale",
            ],
            script.End());
    }

    [Fact]
    public void Scrape_Metadata_IsKeptPerFamily()
    {
        var script = new ScrapeScript();
        script.Scrape("# HELP a what \\\\ it is\n# TYPE a counter\na 1\n# TYPE b gauge\nb 1\n");

        Assert.Equal([("a", MetricType.Counter, "what \\ it is"), ("b", MetricType.Gauge, "")], script.Families!.Select(f => (f.Name, f.Type, f.Help)));
        var before = script.Families;
        script.Scrape("# HELP a what \\\\ it is\n# TYPE a counter\na 1\n# TYPE b gauge\nb 1\n");
        Assert.Same(before, script.Families);
    }
}
