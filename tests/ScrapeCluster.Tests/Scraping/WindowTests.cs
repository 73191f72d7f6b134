using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>Which due times of a target are this node's.</summary>
public sealed class WindowTests : ScrapingHarness
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ScrapeTarget _target = PoolNode.TargetOf("host");
    private readonly PoolNode _node;

    public WindowTests()
    {
        _node = new PoolNode(this, "node", (board, head) => ContextOf(board, head, "storage-node"));
        _node.Configure();
    }

    [Fact]
    public void WindowInTheFuture_WaitsAndMissesNothing()
    {
        _node.Plan(_target);
        var first = AwaitShown().NextScrape!.Value;
        var from = first + (2 * Interval);

        Window(new TargetWindow(from, DateTimeOffset.MaxValue));
        AwaitCondition(() => Shown().NextScrape == from);
        AdvanceTo(first);
        Barrier();
        AdvanceTo(first + Interval);
        Barrier();
        Assert.Equal((0, 0L), (Exporter.Fetches, Shown().MissedTicks));

        AdvanceTo(from);
        AwaitScrapes(1);
        Assert.Equal([$"a 1@{from.ToUnixTimeMilliseconds()}"], _node.Texts());
    }

    [Fact]
    public void WindowThatEnds_SilencesTheLoopAndKeepsItsSeries()
    {
        _node.Plan(_target);
        var first = AwaitShown().NextScrape!.Value;
        Window(new TargetWindow(DateTimeOffset.MinValue, first + Interval));
        AdvanceTo(first);
        AwaitScrapes(1);
        AwaitCondition(() => Shown().NextScrape is null);

        AdvanceTo(first + Interval);
        Barrier();
        AdvanceTo(first + (2 * Interval));
        Barrier();
        Assert.Equal((1, 0L), (Exporter.Fetches, Shown().MissedTicks));

        Window(TargetWindow.Always);
        AwaitCondition(() => Shown().NextScrape == first + (3 * Interval));
        AdvanceTo(first + (3 * Interval));
        AwaitScrapes(2);
        Assert.Equal(0, _node.Stored().Last(static sample => sample.Name == "scrape_series_added").Value);
    }

    [Fact]
    public void WindowThatEndsDuringAScrape_MissesNoTickOfOthers()
    {
        _node.Plan(_target);
        var first = AwaitShown().NextScrape!.Value;
        Exporter.Hang();
        AdvanceTo(first);
        AwaitCondition(() => Exporter.Fetches == 1);

        Window(new TargetWindow(DateTimeOffset.MinValue, first + Interval));
        AwaitCondition(() => Shown().NextScrape is null);
        AdvanceTo(first + Interval);
        Barrier();
        Exporter.Release();
        AwaitScrapes(1);
        Assert.Equal(0, Shown().MissedTicks);
    }

    [Fact]
    public void ScrapeAtTheInstantOfAHandover_IsTheNewOwners()
    {
        var other = new PoolNode(this, "other", (board, head) => ContextOf(board, head, "storage-other"));
        other.Configure();
        _node.Plan(_target);
        var due = AwaitShown().NextScrape!.Value;
        other.Plan([new PlannedTarget(_target, new TargetWindow(due, DateTimeOffset.MaxValue))]);
        Window(new TargetWindow(DateTimeOffset.MinValue, due));
        AwaitCondition(() => other.Board.ActiveTargets() is [{ NextScrape: not null }] && Shown().NextScrape is null);

        AdvanceTo(due);
        AwaitCondition(() => other.Board.ScrapesEnded == 1);
        Barrier();
        Assert.Equal((1, 0), (Exporter.Fetches, _node.Stored().Length));
    }

    [Fact]
    public void Slots_ScrapeAtOtherPhasesOnceEach()
    {
        _node.Configure(new ReplicaNaming("replica", "c-"));
        _node.Plan([new PlannedTarget(_target, TargetWindow.Always)], slot: 0, isReplicated: true);
        _node.Plan([new PlannedTarget(_target, TargetWindow.Always)], slot: 1, isReplicated: true);
        AwaitCondition(() => _node.Board.ActiveTargets() is var targets && targets.Count == 2 && targets.All(static target => target.NextScrape is not null));

        var shown = _node.Board.ActiveTargets().OrderBy(static target => target.Slot).ToArray();
        Assert.Equal([0, 1], shown.Select(static target => target.Slot));
        Assert.NotEqual(shown[0].NextScrape, shown[1].NextScrape);
        Assert.Equal(new ScrapeSchedule(_target.Hash, OffsetSeed.Of(Labels.Empty, 1), Interval).After(Time.GetUtcNow()), shown[1].NextScrape);
        foreach (var due in shown.Select(static target => target.NextScrape!.Value).Order())
        {
            AdvanceTo(due);
        }

        AwaitScrapes(2);
        Assert.Equal(["c-0", "c-1"], shown.Select(static target => target.Labels.Get("replica")));
        Assert.Equal(["c-0", "c-1"], _node.Stored().Where(static sample => sample.Name == "a").Select(static sample => sample.Labels.Get("replica")).Order());
        Assert.Equal(["c-0", "c-1"], _node.Stored().Where(static sample => sample.Name == "up").Select(static sample => sample.Labels.Get("replica")).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WindowThatHasBegun_IsNotEndedByAClockThatIsSetBack(bool isToldAgain)
    {
        _node.Plan(_target);
        var from = AwaitShown().NextScrape!.Value + Interval;
        var window = new TargetWindow(from, DateTimeOffset.MaxValue);
        Window(window);
        AwaitCondition(() => Shown().NextScrape == from);
        AdvanceTo(from - Interval);
        Barrier();
        AdvanceTo(from);
        AwaitScrapes(1);

        Time.StepWallClock(-6 * Interval);
        if (isToldAgain)
        {
            Window(window);
        }

        // The timer was set before the step; the due time after it is of the new time, before the window's begin.
        Time.Advance(Interval);
        AwaitScrapes(2);
        Time.Advance(Interval);
        AwaitScrapes(3);
    }

    [Fact]
    public void Slot_OfAJobThatIsReplicatedFromNowOn_GetsItsLabel_AndLosesItAgain()
    {
        _node.Configure(new ReplicaNaming("replica", "c-"));
        _node.Plan([new PlannedTarget(_target, TargetWindow.Always)]);
        Assert.True(string.IsNullOrEmpty(AwaitShown().Labels.Get("replica")));

        _node.Plan([new PlannedTarget(_target, TargetWindow.Always)], isReplicated: true);
        AwaitCondition(() => Shown().Labels.Get("replica") == "c-0");

        _node.Plan([new PlannedTarget(_target, TargetWindow.Always)]);
        AwaitCondition(() => string.IsNullOrEmpty(Shown().Labels.Get("replica")));
    }

    private void Window(TargetWindow window) => _node.Plan([new PlannedTarget(_target, window)]);

    private TargetSnapshot Shown() => Assert.Single(_node.Board.ActiveTargets());

    private TargetSnapshot AwaitShown()
    {
        AwaitCondition(() => _node.Board.ActiveTargets() is [{ NextScrape: not null }]);
        return Shown();
    }

    private void AwaitScrapes(int count) => AwaitCondition(() => _node.Board.ScrapesEnded == count);

    /// <summary>The loop has handled its ticks, for it answers behind them: its next one is set. A clock that moves on before would have it set too late.</summary>
    private void Barrier()
    {
        Sys.ActorSelection($"/user/node/job@0/{_target.Hash:x16}").Ask<ActorIdentity>(new Identify("barrier")).WaitAsync(Patience).GetAwaiter().GetResult();
    }
}
