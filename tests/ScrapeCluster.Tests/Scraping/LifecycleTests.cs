using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>From configuration and discovery to samples, and back again (behaviour reference 1.1, 1.2, 1.6 d).</summary>
public sealed class LifecycleTests : ScrapingHarness
{
    [Fact]
    public void StaticTarget_AtItsPhase_IsScrapedStoredAndShown()
    {
        Apply(Job("node"));
        Discover("node", "host");
        var target = Assert.Single(AwaitTargets(1));
        Assert.Equal(TargetHealth.Unknown, target.Health);

        var scraped = ScrapeOnce();

        Assert.Equal(TargetHealth.Up, scraped.Health);
        Assert.Equal("http://host/metrics", scraped.ScrapeUrl);
        Assert.Equal(target.NextScrape + TimeSpan.FromSeconds(10), scraped.NextScrape);
        var sample = Stored().Single(stored => stored.Name == "a");
        Assert.Equal(Labels.Of(("__name__", "a"), ("job", "node"), ("instance", "host")), sample.Labels);
        Assert.Equal(target.NextScrape!.Value.ToUnixTimeMilliseconds(), sample.TimestampMs);
        Assert.Equal(1, Last("up"));
    }

    [Fact]
    public void Reload_EqualConfig_LeavesThePoolUntouched()
    {
        Apply(Job("node"));
        Discover("node", "host");
        AwaitTargets(1);
        var before = ScrapeOnce();

        Apply(Job("node"));
        Assert.Equal(before.NextScrape + TimeSpan.FromSeconds(10), ScrapeOnce().NextScrape);
        Assert.Equal(0, Last("scrape_series_added"));
        Assert.Equal(1, Exporter.Built);
    }

    [Fact]
    public void Reload_OtherInterval_KeepsTheSeries()
    {
        Apply(Job("node"));
        Discover("node", "host");
        AwaitTargets(1);
        ScrapeOnce();

        Apply(Job("node", intervalSeconds: 20));
        AwaitCondition(() => Target().Interval == TimeSpan.FromSeconds(20));
        AwaitCondition(() => Target().LastScrape is null);
        ScrapeOnce();

        // Another interval is another URL-and-labels hash in Prometheus too: __scrape_interval__ is one of the labels. The markers of the one before may fall due meanwhile.
        Assert.Equal(1, Stored().Last(sample => sample is { Name: "up", IsStale: false }).Value);
    }

    [Fact]
    public void Reload_SampleLimit_KeepsTheSeries()
    {
        Apply(Job("node"));
        Discover("node", "host");
        AwaitTargets(1);
        ScrapeOnce();

        Apply(Job("node") with { SampleLimit = 100 });
        AwaitCondition(() => Exporter.Built == 2);
        ScrapeOnce();
        ScrapeOnce();
        Assert.Equal(0, Last("scrape_series_added"));
    }

    [Fact]
    public void Reload_MetricRelabelling_StartsAnew()
    {
        Apply(Job("node"));
        Discover("node", "host");
        AwaitTargets(1);
        ScrapeOnce();

        Apply(Job("node") with { MetricRelabelConfigs = [new RelabelConfig { TargetLabel = "zone", Replacement = "z" }] });
        AwaitCondition(() => Exporter.Built == 2);
        AwaitCondition(() =>
        {
            ScrapeOnce();
            return Stored().Any(sample => sample.Labels.Get("zone") == "z");
        });
    }

    [Fact]
    public void RemovedTarget_AfterItsTime_GetsMarkersAtItsNextTick()
    {
        Apply(Job("node"));
        Discover("node", "host", "other");
        AwaitTargets(2);
        ScrapeOnce("host");
        var next = Target("host").NextScrape!.Value;

        Discover("node", "other");
        AwaitTargets(1);
        AdvanceTo(next + TimeSpan.FromSeconds(10.9));
        Assert.DoesNotContain(Stored(), sample => sample.IsStale);

        AdvanceTo(next + TimeSpan.FromSeconds(11));
        AwaitCondition(() => Stored().Any(sample => sample.IsStale));
        var markers = Stored().Where(sample => sample.IsStale && sample.Labels.Get("instance") == "host").ToArray();
        Assert.Equal(6, markers.Length);
        Assert.All(markers, marker => Assert.Equal(next.ToUnixTimeMilliseconds(), marker.TimestampMs));
    }

    [Fact]
    public void RemovedTarget_ThatComesBack_IsScrapedOnAndOlderMarkersLose()
    {
        Apply(Job("node"));
        Discover("node", "host");
        AwaitTargets(1);
        ScrapeOnce();
        Discover("node");
        AwaitTargets(0);
        Discover("node", "host");
        AwaitTargets(1);

        for (var i = 0; i < 4; i++)
        {
            ScrapeOnce();
        }

        Assert.DoesNotContain(Stored(), sample => sample.IsStale);
        Assert.Equal(5, Stored().Count(sample => sample.Name == "a"));
    }

    [Fact]
    public void RemovedJob_WithScrapeInFlight_FinishesItAndWritesNoMarkers()
    {
        Apply(Job("node"), Job("rest"));
        Discover("node", "host");
        AwaitTargets(1);
        ScrapeOnce();
        Exporter.Hang();
        AdvanceTo(Target().NextScrape!.Value);
        AwaitCondition(() => Exporter.Fetches == 2);

        Apply(Job("rest"));
        Exporter.Release();
        AwaitTargets(0);
        AwaitCondition(() => Stored().Count(sample => sample.Name == "a") == 2);
        TestScheduler.Advance(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain(Stored(), sample => sample.IsStale);
    }

    [Fact]
    public void RemovedJob_AddedAgainAtOnce_RunsAgain()
    {
        Apply(Job("node"));
        Discover("node", "host");
        AwaitTargets(1);
        ScrapeOnce();
        Apply();
        Apply(Job("node"));
        Discover("node", "host");
        AwaitTargets(1);
        AwaitCondition(() => Target().LastScrape is null);

        Assert.Equal(TargetHealth.Up, ScrapeOnce().Health);
    }

    [Fact]
    public void TargetLimit_Exceeded_FailsAllWithoutHttpUntilItFits()
    {
        Apply(Job("node") with { TargetLimit = 1 });
        Discover("node", "host", "other");
        AwaitTargets(2);

        Assert.Equal("target_limit exceeded (number of targets: 2, limit: 1)", ScrapeOnce().LastError);
        Assert.Equal(0, Last("up"));
        Assert.Equal(0, Exporter.FetchesOf("http://host/metrics"));

        Discover("node", "host", "host");
        AwaitTargets(1);
        AwaitCondition(() => ScrapeOnce().Health == TargetHealth.Up);
    }

    [Fact]
    public void DroppedTargets_AreKeptForTheApiAndCountedTruly()
    {
        Apply(Job("node") with
        {
            KeepDroppedTargets = 1,
            RelabelConfigs = [new RelabelConfig { Action = RelabelAction.Drop, SourceLabels = ["__address__"], Regex = "bad.*" }],
        });
        Discover("node", "host", "bad1", "bad2", "with/slash");
        AwaitTargets(1);

        var job = Assert.Single(Board.Jobs);
        Assert.Equal((1, 2, 1, 1), (job.DroppedTargets.Count, job.DroppedCount, job.ActiveCount, job.InvalidTargets.Count));
        Assert.Contains("not a valid hostname", job.InvalidTargets[0].Reason);
    }

    [Fact]
    public void PoolThatCannotBeBuilt_FailsAloneAndHeals()
    {
        Exporter.Faults["broken"] = "tls_config: unable to use ca_file /missing";
        Apply(Job("broken"), Job("node"));
        Discover("broken", "secure");
        Discover("node", "host");
        AwaitTargets(1);
        AwaitCondition(() => Board.Jobs[0].Failure is not null);
        Assert.Equal(["tls_config: unable to use ca_file /missing", null], Board.Jobs.Select(job => job.Failure));
        Assert.Equal(TargetHealth.Up, ScrapeOnce().Health);

        Exporter.Faults.Clear();
        AwaitCondition(() =>
        {
            TestScheduler.Advance(TimeSpan.FromSeconds(1));
            return Board.ActiveTargets("broken").Count == 1;
        });
        Assert.Null(Board.Jobs[0].Failure);
    }

    [Fact]
    public void UnsupportedJob_IsShownAsFailed()
    {
        Manager.Tell(
            new ApplyConfig(new PrometheusConfig { ScrapeConfigs = [Job("node")], UnsupportedJobs = [new UnsupportedJob("cloud", ["ec2"])] }), TestActor);

        Assert.Contains("ec2", Assert.Single(ExpectMsg<ConfigApplied>().Failures));
        Assert.Contains("ec2", Board.Jobs.Single(job => job.Job == "cloud").Failure);
    }
}
