using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.Tests.Scrapes;

public sealed class ScrapeJudgeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void TakenOver_KilledAtTen_CountsToTheFirstRequestOfAnother()
    {
        var judge = Judge(
            Record.Target("t0", 10, Record.Regular(100, 0, 10), Record.Regular(100, 12, 30, "b")),
            Record.Target("t1", 20, Record.Regular(700, 0, 9), Record.Regular(700, 11, 30, "c")),
            Record.Target("t2", 30, Record.Regular(500, 0, 30, "b")),
            Record.Target("t3", 40, Record.Regular(200, 0, 10)));

        var taken = judge.TakenOver(At(9.9), new HashSet<string> { "a" });

        Assert.Equal(["t0", "t1", "t3"], taken.Keys.Order());
        Assert.Equal(2.2, taken["t0"]!.Value.TotalSeconds, 6);
        Assert.Equal(1.8, taken["t1"]!.Value.TotalSeconds, 6);
        Assert.Null(taken["t3"]);
    }

    [Fact]
    public void Moved_OutAndBack_CountsTwice()
    {
        var judge = Judge(
            Record.Target("t0", 10, Record.Regular(100, 0, 10), Record.Regular(100, 10, 20, "b"), Record.Regular(100, 20, 30)),
            Record.Target("t1", 100, Record.Regular(100, 0, 30)));

        Assert.Equal(20, judge.Moved(At(5), At(30)));
        Assert.Equal(10, judge.Moved(At(5), At(15)));
    }

    [Fact]
    public void Moved_BothAskAtOneTick_CountsOneMove()
    {
        var judge = Judge(Record.Target("t0", 10, Record.By("a", 8, 9, 10, 11.001), Record.By("b", 10.001, 11, 12, 13)));

        Assert.Equal(10, judge.Moved(At(7), At(14)));
    }

    [Fact]
    public void Loads_ByWhoAskedLast()
    {
        var judge = Judge(
            Record.Target("t0", 10, Record.Regular(100, 0, 10)),
            Record.Target("t1", 30, Record.Regular(100, 0, 5), Record.Regular(100, 5, 10, "b")),
            Record.Target("t2", 5, Record.Regular(100, 0, 10, "b")));

        Assert.Equal(35, judge.Loads(At(10))["b"]);
        Assert.Equal(40, judge.Loads(At(5))["a"]);
    }

    [Fact]
    public void LargestShift_OfThoseThatMoved()
    {
        var judge = Judge(
            Record.Target("t0", 1, Record.Regular(100, 0, 60)),
            Record.Target("t1", 1, Record.Regular(100, 0, 30), Record.Regular(108, 30, 60, "b")));

        Assert.Equal(8, judge.LargestShift(At(30), At(30)).TotalMilliseconds, 3);
    }

    [Fact]
    public void Ticks_PhaseIsTakenBeforeTheSpan()
    {
        var judge = Judge(Record.Target("t0", 1, Record.Regular(100, 0, 30), Record.Regular(800, 30, 60, "b")));

        var verdict = judge.Ticks(At(30), At(59))["t0"];

        // 300 ms early is the next tick's request.
        Assert.Equal([30.1], verdict.Missed.Select(tick => Math.Round(tick.Due.TotalSeconds, 3)));
        Assert.Empty(verdict.Doubled);
    }

    [Fact]
    public void Gaps_CountUpToTheEndsOfTheSpan()
    {
        var judge = Judge(Record.Target("t0", 1, Record.At(1, 2, 3, 6, 7)), Record.Target("t1", 1, Record.At(1, 2)));

        var gaps = judge.Gaps(At(0), At(8));

        Assert.Equal(3, gaps["t0"].TotalSeconds);
        Assert.Equal(6, gaps["t1"].TotalSeconds);
    }

    [Fact]
    public void IdealMoves_Join_IsWhatStandsAboveTheNewAverage()
    {
        var before = new Dictionary<string, double> { ["a"] = 30, ["b"] = 30 };

        Assert.Equal(20, IdealMoves.Of(before, ["a", "b", "c"]));
        Assert.Equal(30, IdealMoves.Of(before, ["a"]));
        Assert.Equal(20 + 15, IdealMoves.OfSteps(before, [["a", "b", "c"], ["a", "b", "c", "d"]]));
        Assert.Equal(120, IdealMoves.OfRollingRestart(before));
        Assert.Equal(1.5, IdealMoves.MaxOverAverage([30, 30, 0]));
    }

    [Fact]
    public void Percentile_IsAValueOfTheList()
    {
        var values = Enumerable.Range(1, 200).Select(i => TimeSpan.FromSeconds(i)).ToList();

        Assert.Equal(100, Percentile.Of(values, 0.5).TotalSeconds);
        Assert.Equal(198, Percentile.Of(values, 0.99).TotalSeconds);
        Assert.Equal(200, Percentile.Of(values, 1).TotalSeconds);
        Assert.Equal(7, Percentile.Of([At(7)], 0.99).TotalSeconds);
    }

    private static ScrapeJudge Judge(params TargetRecord[] targets) => new(targets, Second);

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
