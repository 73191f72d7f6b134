using ScrapeCluster.Discovery;

namespace ScrapeCluster.Tests.Discovery;

public sealed class BurstThrottleTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    [Fact]
    public void Change_First_PassesAtOnce()
    {
        var throttle = new BurstThrottle(Longest);
        Assert.Equal(TimeSpan.Zero, throttle.Change(TimeSpan.Zero));
    }

    [Fact]
    public void Change_InABurst_WaitsLongerEachTimeUpToTheLongest()
    {
        var throttle = new BurstThrottle(Longest);
        var now = TimeSpan.FromHours(1);
        var waits = new List<double>();
        for (var i = 0; i < 15; i++)
        {
            var wait = throttle.Change(now);
            waits.Add(wait.TotalMilliseconds);
            for (var end = now + wait; now < end; now += TimeSpan.FromMilliseconds(0.5))
            {
                throttle.Change(now);
            }

            throttle.Pass(now);
        }

        Assert.Equal([0, 100, 150, 225], waits.Take(4));
        Assert.Equal(waits, waits.Order());
        Assert.Equal(5000, waits[^1]);
    }

    [Fact]
    public void Change_EverySecond_IsNeverHeldBack()
    {
        var throttle = new BurstThrottle(Longest);
        for (var now = TimeSpan.Zero; now < TimeSpan.FromMinutes(1); now += TimeSpan.FromSeconds(1))
        {
            Assert.Equal(TimeSpan.Zero, throttle.Change(now));
            throttle.Pass(now);
        }
    }

    [Fact]
    public void Change_WhileWaiting_KeepsTheInstant()
    {
        var throttle = new BurstThrottle(Longest);
        throttle.Change(TimeSpan.Zero);
        throttle.Pass(TimeSpan.Zero);
        Assert.Equal(70, throttle.Change(TimeSpan.FromMilliseconds(30)).TotalMilliseconds);
        Assert.Equal(10, throttle.Change(TimeSpan.FromMilliseconds(90)).TotalMilliseconds);
        Assert.Equal(0, throttle.Change(TimeSpan.FromMilliseconds(150)).TotalMilliseconds);
    }

    [Fact]
    public void Change_AfterQuiet_PassesAtOnceAndStartsAnew()
    {
        var throttle = new BurstThrottle(Longest);
        var now = TimeSpan.Zero;
        for (var i = 0; i < 20; i++)
        {
            now += throttle.Change(now);
            throttle.Pass(now);
        }

        now += Longest;
        Assert.Equal(TimeSpan.Zero, throttle.Change(now));
        throttle.Pass(now);
        Assert.Equal(BurstThrottle.FirstInterval, throttle.Change(now));
    }

    [Fact]
    public void Change_InASteadyStream_IsNotTakenForQuiet()
    {
        var throttle = new BurstThrottle(Longest);
        var passes = 0;
        TimeSpan? due = null;
        for (var now = TimeSpan.Zero; now < TimeSpan.FromMinutes(1); now += TimeSpan.FromMilliseconds(20))
        {
            due ??= now + throttle.Change(now);
            throttle.Change(now);
            if (due <= now)
            {
                throttle.Pass(now);
                passes++;
                due = null;
            }
        }

        Assert.InRange(passes, 15, 25);
    }

    [Fact]
    public void Change_WithoutInterval_AlwaysPassesAtOnce()
    {
        var throttle = new BurstThrottle(TimeSpan.Zero);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(TimeSpan.Zero, throttle.Change(TimeSpan.Zero));
            throttle.Pass(TimeSpan.Zero);
        }
    }
}
