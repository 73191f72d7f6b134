using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.Tests.Scrapes;

public sealed class PhaseEstimateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(250)]
    [InlineData(500)]
    [InlineData(999)]
    public void Of_RegularScrapes_FindsTheirPhase(int phaseMs)
    {
        Assert.Equal(TimeSpan.FromMilliseconds(phaseMs), PhaseEstimate.Of(Record.Regular(phaseMs, 3, 23), Second));
    }

    [Fact]
    public void Of_ScrapesOnBothSidesOfTheIntervalsEnd_StaysBetweenThem()
    {
        var arrivals = Record.At(0.995, 2.001, 2.998, 4.004, 5.000);

        Assert.InRange(PhaseEstimate.Shift(TimeSpan.Zero, PhaseEstimate.Of(arrivals, Second), Second).TotalMilliseconds, -0.1, 0.1);
    }

    [Fact]
    public void Of_AFewLateScrapes_IsNotMovedByThem()
    {
        var arrivals = Record.Regular(100, 0, 17).Concat(Record.At(17.55, 18.49, 19.6)).ToList();

        Assert.InRange(PhaseEstimate.Of(arrivals, Second).TotalMilliseconds, 99.9, 100.1);
    }

    [Theory]
    [InlineData(100, 110, 10)]
    [InlineData(110, 100, -10)]
    [InlineData(995, 5, 10)]
    [InlineData(5, 995, -10)]
    public void Shift_GoesTheShorterWay(int before, int after, int expected)
    {
        Assert.Equal(expected, PhaseEstimate.Shift(TimeSpan.FromMilliseconds(before), TimeSpan.FromMilliseconds(after), Second).TotalMilliseconds);
    }
}
