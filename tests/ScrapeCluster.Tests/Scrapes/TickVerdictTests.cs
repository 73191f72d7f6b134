using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.Tests.Scrapes;

public sealed class TickVerdictTests
{
    [Fact]
    public void Of_OneRequestATick_IsClean()
    {
        var verdict = Judge(Record.Regular(300, 0, 10), 300, 0, 10);

        Assert.Equal(10, verdict.Ticks);
        Assert.Empty(verdict.Missed);
        Assert.Empty(verdict.Doubled);
    }

    [Fact]
    public void Of_NoRequestWithinHalfAnInterval_IsMissed()
    {
        // The request of second 3 came 0.6 s late: its own tick is missed, and the next one has two.
        var verdict = Judge(Record.At(0.3, 1.3, 2.3, 3.9, 4.3, 5.3), 300, 0, 6);

        Assert.Equal([3.3], verdict.Missed.Select(tick => tick.Due.TotalSeconds));
        Assert.Equal([4.3], verdict.Doubled.Select(tick => tick.Due.TotalSeconds));
    }

    [Fact]
    public void Of_LateButWithinHalfAnInterval_IsNeither()
    {
        var verdict = Judge(Record.At(0.3, 1.75, 2.0, 3.3), 300, 0, 4);

        Assert.Empty(verdict.Missed);
        Assert.Empty(verdict.Doubled);
    }

    [Fact]
    public void Of_TwoScrapersAtOneTick_IsDoubled()
    {
        var arrivals = Record.Regular(300, 0, 5).Concat(Record.By("b", 2.301)).ToList();

        var doubled = Assert.Single(Judge(arrivals, 300, 0, 5).Doubled);
        Assert.Equal(new OddTick(TimeSpan.FromSeconds(2.3), 2), doubled);
    }

    [Fact]
    public void Of_RequestsAndTicksOutsideTheSpan_DoNotCount()
    {
        var verdict = Judge(Record.Regular(300, 0, 10), 300, 2, 5);

        Assert.Equal(3, verdict.Ticks);
        Assert.Empty(verdict.Missed);
    }

    [Fact]
    public void Of_NothingArrived_MissesEveryTick()
    {
        Assert.Equal(4, Judge([], 300, 1, 5).Missed.Count);
    }

    private static TickVerdict Judge(List<Arrival> arrivals, int phaseMs, double from, double until)
    {
        return TickVerdict.Of(arrivals, TimeSpan.FromMilliseconds(phaseMs), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(until));
    }
}
