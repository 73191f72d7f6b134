using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

public class ScrapeScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ScrapeSchedule Plan = new(TargetHash: 0x1234567890abcdef, Seed: 42, TimeSpan.FromSeconds(10));

    [Fact]
    public void Next_TickInTime_IsOneIntervalLater()
    {
        var due = Plan.After(Noon);

        Assert.Equal(due.AddSeconds(10), Plan.Next(due, due));
        Assert.Equal(due.AddSeconds(10), Plan.Next(due, due.AddMilliseconds(1.5)));
        Assert.Equal(due.AddSeconds(10), Plan.Next(due, due.AddMilliseconds(-1.5)));
        Assert.Equal(due.AddSeconds(10), Plan.Next(due, due.AddSeconds(9.9)));
    }

    [Fact]
    public void Next_LateByManyIntervals_SkipsThem()
    {
        var due = Plan.After(Noon);

        Assert.Equal(due.AddSeconds(70), Plan.Next(due, due.AddSeconds(63)));
    }

    [Fact]
    public void Next_ClockSetBack_FollowsItWithDistance()
    {
        var due = Plan.After(Noon);
        for (var back = 5.1; back < 100_000; back *= 1.37)
        {
            var now = due.AddSeconds(-back);
            var wait = Plan.Next(due, now) - now;
            Assert.InRange(wait, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15));
        }
    }

    [Fact]
    public void Next_AnyInstant_StaysOnThePlan()
    {
        var due = Plan.After(Noon);
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var next = Plan.Next(due, due.AddSeconds((random.NextDouble() * 200) - 100));
            Assert.Equal(0, (next - due).Ticks % Plan.Interval.Ticks);
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(2, true)]
    [InlineData(-2, true)]
    [InlineData(2.1, false)]
    [InlineData(300, false)]
    public void TimestampMs_WithinTolerance_IsTheDueTime(double lateMs, bool aligned)
    {
        var due = DateTimeOffset.FromUnixTimeMilliseconds(1_000_000);
        var start = due.AddMilliseconds(lateMs);

        Assert.Equal(aligned ? 1_000_000 : start.ToUnixTimeMilliseconds(), Plan.TimestampMs(due, start, TimeSpan.FromMilliseconds(2)));
    }

    [Fact]
    public void TimestampMs_ShortInterval_ToleratesAHundredthOfIt()
    {
        var due = DateTimeOffset.FromUnixTimeMilliseconds(1_000_000);
        var plan = Plan with { Interval = TimeSpan.FromMilliseconds(100) };

        Assert.Equal(1_000_000, plan.TimestampMs(due, due.AddMilliseconds(1), TimeSpan.FromMilliseconds(2)));
        Assert.Equal(1_000_002, plan.TimestampMs(due, due.AddMilliseconds(2), TimeSpan.FromMilliseconds(2)));
    }
}
