using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>Configuration and plans, which reach the pools of a node apart from each other.</summary>
public sealed class PoolHostTests : ScrapingHarness
{
    private readonly ScrapeTarget _target = PoolNode.TargetOf("host");
    private readonly PoolNode _node;

    public PoolHostTests()
    {
        _node = new PoolNode(this, "node", (board, head) => ContextOf(board, head, "storage-node"));
    }

    [Fact]
    public void PlanBeforeTheConfiguration_WaitsForIt()
    {
        _node.Plan(_target);
        Assert.Empty(_node.Release());
        Assert.Empty(_node.Board.ActiveTargets());

        _node.Configure();
        AwaitShown(1);
        ScrapeNext();
        Assert.Equal(["a"], _node.Texts().Select(static text => text[..1]));
    }

    [Fact]
    public void LinesBeforeTheConfiguration_AreSettledByTheFirstScrape()
    {
        var other = new PoolNode(this, "other", (board, head) => ContextOf(board, head, "storage-other"));
        other.Configure();
        other.Plan(_target);
        AwaitCondition(() => other.Board.ActiveTargets() is [{ NextScrape: not null }]);
        Exporter.Page = static _ => "a 1\ngone 1\n";
        AdvanceTo(other.Board.ActiveTargets()[0].NextScrape!.Value);
        AwaitCondition(() => other.Board.ScrapesEnded == 1);

        _node.Plan(_target);
        _node.Adopt(other.Release(_target));
        Exporter.Page = static _ => "a 1\n";
        _node.Configure();
        AwaitShown(1);

        // Its answer says that the loop has the lines.
        _node.Collect(all: true, _target);
        ScrapeNext();
        Assert.Equal(["a 1", "gone stale"], _node.Texts().Select(static text => text.Split('@')[0]));
    }

    [Fact]
    public void JobThatLeavesTheConfiguration_StopsAndComesBackWithItsPlan()
    {
        _node.Configure();
        _node.Plan(_target);
        AwaitShown(1);
        ScrapeNext();

        _node.Unconfigure();
        AwaitShown(0);
        TestScheduler.Advance(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain(_node.Stored(), static sample => sample.IsStale);

        _node.Configure();
        AwaitShown(1);
        ScrapeNext();
        Assert.Equal(2, _node.Board.ScrapesEnded);
    }

    [Fact]
    public void EmptyPlan_EndsThePoolAfterItsMarkers()
    {
        _node.Configure();
        _node.Plan(_target);
        AwaitShown(1);
        ScrapeNext();

        _node.Plan(Array.Empty<ScrapeTarget>());
        AwaitShown(0);
        AwaitLoops(_node.Pools);
        Assert.NotEmpty(RunningPools());
        TestScheduler.Advance(TimeSpan.FromSeconds(22));
        AwaitCondition(() => RunningPools().Count == 0);

        // The pool waits for the loop to have sent its markers, not for the storage to have taken them.
        AwaitCondition(() => _node.Stored().Count(static sample => sample.IsStale) == 6);

        _node.Plan(_target);
        AwaitShown(1);
    }

    [Fact]
    public void EmptyPlansAndFullOnes_InTurn_EndWithThePlan()
    {
        _node.Configure();
        for (var i = 0; i < 200; i++)
        {
            _node.Plan(Array.Empty<ScrapeTarget>());
            _node.Plan(_target);
        }

        // A pool that was told to stop between two plans may still show a target of before, and a release is then answered without asking it.
        AwaitCondition(() =>
        {
            AwaitPools(_node.Pools);
            return _node.Release().Count == 0 && _node.Board.ActiveTargets().Count == 1;
        });

        // The answer comes from the loop, behind all that it was told.
        _node.Collect(all: true, _target);
        ScrapeNext();
        Assert.Single(RunningPools());
        Assert.Equal(1, Exporter.Fetches);
    }

    [Fact]
    public void ChangedConfiguration_ReachesTheRunningPool()
    {
        _node.Configure();
        _node.Plan(_target);
        AwaitShown(1);
        ScrapeNext();

        _node.Configure(null, new ScrapeConfig { JobName = "job", SampleLimit = 5 });
        AwaitCondition(() => Exporter.Built == 2);
        ScrapeNext();
        Assert.Equal(0, _node.Stored().Last(static sample => sample.Name == "scrape_series_added").Value);
    }

    [Fact]
    public void ConfigurationThatCannotBeBuilt_StillFollowsThePlan()
    {
        var other = PoolNode.TargetOf("other");
        _node.Configure();
        _node.Plan(_target, other);
        AwaitShown(2);

        Exporter.Faults["job"] = "tls_config: unable to use ca_file /missing";
        _node.Configure(null, new ScrapeConfig { JobName = "job", SampleLimit = 5 });
        AwaitCondition(() => Exporter.Built == 2);
        _node.Plan(_target);
        AwaitShown(1);
    }

    [Fact]
    public void OtherExternalLabels_ShiftThePhaseOfRunningTargets()
    {
        _node.Configure();
        _node.Plan(_target);
        AwaitShown(1);
        ScrapeNext();

        var labels = Labels.Of(("cluster", "x"));
        var config = new PrometheusConfig { ScrapeConfigs = [new ScrapeConfig { JobName = "job" }], Global = new GlobalConfig { ExternalLabels = labels } };
        _node.Pools.Tell(new ApplyPoolConfig(config), TestActor);
        ExpectMsg<PoolConfigApplied>();

        var due = new ScrapeSchedule(_target.Hash, OffsetSeed.Of(labels), _target.Interval).After(Time.GetUtcNow());
        AwaitCondition(() => _node.Board.ActiveTargets()[0].NextScrape == due);
        ScrapeNext();
        Assert.Equal(0, _node.Stored().Last(static sample => sample.Name == "scrape_series_added").Value);
    }

    [Fact]
    public void Gauge_CountsScrapesAndWeighsTargets()
    {
        Assert.Equal((0L, null), (_node.Board.ScrapesEnded, _node.Board.ShortestInterval));
        Exporter.Page = static _ => "a 1\nb 1\n";
        _node.Configure();
        _node.Plan(_target);
        AwaitShown(1);
        Assert.Empty(_node.Board.Loads());
        Assert.Equal(_target.Interval, _node.Board.ShortestInterval);

        ScrapeNext();
        Exporter.Page = static _ => "refused!\n";
        ScrapeNext();

        Assert.Equal(2, _node.Board.ScrapesEnded);
        Assert.Equal(new TargetLoad("job", 0, _target.Hash, 0.7), Assert.Single(_node.Board.Loads()));
    }

    [Fact]
    public void Prepare_ShowsNothingAndIsForgotten()
    {
        _node.Configure();
        _node.Prepare(_target);
        Assert.Equal([_target.Url], Exporter.Prepared);
        Assert.Equal((0, 0), (_node.Board.ActiveTargets().Count, Exporter.Fetches));

        TestScheduler.Advance(TimeSpan.FromSeconds(31));
        AwaitCondition(() => RunningPools().Count == 0);
    }

    [Fact]
    public void Prepare_BeforeThePlan_KeepsThePoolForIt()
    {
        _node.Configure();
        _node.Prepare(_target);
        _node.Plan(_target);
        AwaitShown(1);
        TestScheduler.Advance(TimeSpan.FromSeconds(31));
        AwaitCondition(() => _node.Board.ScrapesEnded > 0);
        Assert.Single(RunningPools());
        Assert.Equal(1, Exporter.Built);
    }

    [Fact]
    public void Prepare_OfAJobThatCannotBeBuiltOrIsNotThere_IsAnswered()
    {
        _node.Prepare(_target);
        Exporter.Faults["job"] = "no";
        _node.Configure();
        _node.Prepare(_target);
        _node.Prepare(_target);
        Assert.Empty(Exporter.Prepared);
    }

    private IReadOnlyCollection<object> RunningPools() => [.. Sys.Inspect("/user/node")!.Children];

    private void AwaitShown(int count)
    {
        AwaitCondition(() => _node.Board.ActiveTargets() is var targets && targets.Count == count && targets.All(target => target.NextScrape > Time.GetUtcNow()));
    }

    private void ScrapeNext()
    {
        AwaitShown(1);
        var ended = _node.Board.ScrapesEnded;
        AdvanceTo(_node.Board.ActiveTargets()[0].NextScrape!.Value);
        AwaitCondition(() => _node.Board.ScrapesEnded == ended + 1);
    }
}
