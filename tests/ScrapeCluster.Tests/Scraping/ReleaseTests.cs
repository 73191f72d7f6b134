using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>Targets that go to another node, and the series lines that go with them.</summary>
public sealed class ReleaseTests : ScrapingHarness
{
    private readonly ScrapeTarget _target = PoolNode.TargetOf("host");
    private readonly PoolNode _node;

    public ReleaseTests()
    {
        _node = new PoolNode(this, "node", (board, head) => ContextOf(board, head, "storage-node"));
        _node.Configure();
        Exporter.Page = static _ => "a 1\nb{x=\"y\"} 2\n";
    }

    [Fact]
    public void Release_AfterAScrape_GivesItsSeriesAndWritesNoMarkers()
    {
        _node.Plan(_target);
        ScrapeNext();

        var lines = Assert.Single(_node.Release(_target));

        Assert.Equal(_target.Hash, lines.TargetHash);
        Assert.Equal(["a", "b{x=\"y\"}"], PoolNode.SeriesOf(lines));
        Assert.Empty(_node.Board.ActiveTargets());
        TestScheduler.Advance(TimeSpan.FromMinutes(2));
        Assert.DoesNotContain(_node.Stored(), static sample => sample.IsStale);
    }

    [Fact]
    public void Release_OfWhatDoesNotRun_IsAnsweredWithoutLines()
    {
        Assert.Empty(_node.Release(_target));

        var neverScraped = PoolNode.TargetOf("other");
        _node.Plan(_target, neverScraped);
        AwaitShown(2);
        Assert.Empty(_node.Release(neverScraped, PoolNode.TargetOf("unknown")));
        Assert.Equal(_target.Hash, Assert.Single(_node.Board.ActiveTargets()).Hash);
    }

    [Fact]
    public void Release_DuringAHangingFetch_WaitsForItAndForTheStorage()
    {
        _node.Plan(_target);
        Hang();

        _node.AskRelease("release", _target);
        _node.AskRelease("again", _target);
        AwaitCondition(() => _node.Board.ActiveTargets().Count == 0);
        Assert.Empty(_node.Stored());

        Exporter.Release();
        Assert.Equal(["a", "b{x=\"y\"}"], PoolNode.SeriesOf(Assert.Single(_node.ExpectReleased("release").Lines)));
        Assert.Single(_node.ExpectReleased("again").Lines);
        Assert.Equal(2, _node.Texts().Length);
    }

    [Fact]
    public void Release_AfterAFailedScrape_GivesAnEmptySet()
    {
        _node.Plan(_target);
        ScrapeNext();
        Exporter.Page = static _ => "refused!\n";
        ScrapeNext();

        Assert.Empty(PoolNode.SeriesOf(Assert.Single(_node.Release(_target))));
    }

    [Fact]
    public void MoveCalledBack_DuringAHangingFetch_GoesOnWithTheSameSeries()
    {
        _node.Plan(_target);
        ScrapeNext();
        Hang();

        _node.AskRelease("release", _target);
        _node.Plan(_target);
        Exporter.Release();
        Assert.Single(_node.ExpectReleased("release").Lines);
        Exporter.Page = static _ => "a 1\n";
        ScrapeNext();

        Assert.Equal(3, _node.Board.ScrapesEnded);
        Assert.Equal(1, _node.Texts().Count(static text => text.StartsWith("b stale", StringComparison.Ordinal)));
        Assert.Equal(0, _node.Stored().Last(static sample => sample.Name == "scrape_series_added").Value);
    }

    [Fact]
    public void ReleaseAndPlan_AtOnceAndOftenRepeated_EndsWithOneRunningLoop()
    {
        _node.Plan(_target);
        ScrapeNext();
        for (var i = 0; i < 200; i++)
        {
            _node.AskRelease(i, _target);
            _node.Plan(_target);
        }

        for (var i = 0; i < 200; i++)
        {
            _node.ExpectReleased(i);
        }

        ScrapeNext();
        ScrapeNext();
        Assert.Equal((3, 0), (Exporter.Fetches, _node.Stored().Count(static sample => sample.IsStale)));
    }

    [Fact]
    public void JobGone_WithAReleaseOpen_AnswersIt()
    {
        _node.Plan(_target);
        Hang();
        _node.AskRelease("release", _target);
        _node.Unconfigure();
        Exporter.Release();

        _node.ExpectReleased("release");
    }

    [Fact]
    public void LoopThatFails_WithAReleaseOpen_AnswersIt()
    {
        _node.Plan(_target);
        AwaitShown(1);
        Hang();
        _node.AskRelease("release", _target);

        Sys.ActorSelection($"/user/node/job@0/{_target.Hash:x16}").Tell(new AssignTarget(null!, null!, null!, null!, default, 0, null, true, null), TestActor);
        Exporter.Release();
        _node.ExpectReleased("release");
    }

    [Fact]
    public void Collect_GivesWhatChangedSinceTheLastTime()
    {
        _node.Plan(_target);
        AwaitShown(1);
        Assert.Empty(_node.Collect(all: true, _target));

        ScrapeNext();
        Assert.Equal(["a", "b{x=\"y\"}"], PoolNode.SeriesOf(Assert.Single(_node.Collect(all: false, _target))));
        ScrapeNext();
        Assert.Empty(_node.Collect(all: false, _target, PoolNode.TargetOf("unknown")));
        Assert.Single(_node.Collect(all: true, _target));

        Exporter.Page = static _ => "a 1\nc 3\n";
        ScrapeNext();
        Assert.Equal(["a", "c"], PoolNode.SeriesOf(Assert.Single(_node.Collect(all: false, _target))));
    }

    [Fact]
    public void Collect_DuringAHangingFetch_IsAnsweredAfterIt()
    {
        _node.Plan(_target);
        ScrapeNext();
        Hang();
        _node.AskCollect("collect", all: true, _target);
        Exporter.Page = static _ => "a 1\n";
        Exporter.Release();

        Assert.Equal(["a"], PoolNode.SeriesOf(Assert.Single(_node.ExpectCollected("collect").Lines)));
    }

    private void Hang()
    {
        AwaitShown(1);
        var fetches = Exporter.Fetches;
        Exporter.Hang();
        AdvanceTo(_node.Board.ActiveTargets()[0].NextScrape!.Value);
        AwaitCondition(() => Exporter.Fetches == fetches + 1);
    }

    private void ScrapeNext()
    {
        AwaitShown(1);
        var ended = _node.Board.ScrapesEnded;
        AdvanceTo(_node.Board.ActiveTargets()[0].NextScrape!.Value);
        AwaitCondition(() => _node.Board.ScrapesEnded == ended + 1);
    }

    private void AwaitShown(int count)
    {
        AwaitCondition(() => _node.Board.ActiveTargets() is var targets && targets.Count == count && targets.All(target => target.NextScrape > Time.GetUtcNow()));
    }
}
