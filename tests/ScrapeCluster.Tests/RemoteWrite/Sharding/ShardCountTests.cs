using ScrapeCluster.RemoteWrite.Queues.Sharding;

namespace ScrapeCluster.Tests.RemoteWrite.Sharding;

/// <summary>The vectors are those of Prometheus's own tests (storage/remote/queue_manager_test.go).</summary>
public sealed class ShardCountTests
{
    private const double Seconds = 10;

    /// <summary>Rates a second over the first interval.</summary>
    [Theory]
    [InlineData(1, 0, 0, 0, 0, 0, 1)]
    [InlineData(10, 0, 0, 0, 0, 0, 10)]
    [InlineData(1, 10, 10, 0, 1, 0, 1)]
    [InlineData(10, 10, 10, 0, 5, 0, 5)]
    [InlineData(7, 10, 10, 0, 5, 0, 7)]
    [InlineData(1, 10, 10, 0, 10, 0, 10)]
    [InlineData(8, 10, 10, 0, 10, 0, 8)]
    [InlineData(2, 10, 10, 0, 2, 20, 4)]
    [InlineData(4, 10, 10, 0, 4, 90, 22)]
    [InlineData(22, 10, 20, 0, 4, 10, 3)]
    [InlineData(3, 10, 10, 0, 2, 0, 2)]
    [InlineData(1, 10, 10, 0, 1.2, 0, 2)]
    [InlineData(1, 10, 10, 0, 1.4, 0, 2)]
    [InlineData(2, 10, 10, 0, 1.2, 0, 2)]
    [InlineData(2, 10, 10, 0, 0.9, 0, 1)]
    [InlineData(3, 10, 10, 0, 2.01, 0, 3)]
    [InlineData(3, 10, 10, 0, 1.99, 0, 2)]
    public void Next_OneInterval_IsPrometheussNumber(
        int current, double samplesIn, double samplesOut, double dropped, double busy, double delay, int expected)
    {
        var totals = new QueueTotals(samplesIn * Seconds, dropped * Seconds, samplesOut * Seconds, TimeSpan.FromSeconds(busy * Seconds));
        Assert.Equal(expected, new ShardCount(1, 200).Next(current, totals, TimeSpan.FromSeconds(delay)));
    }

    [Theory]
    [InlineData(4, 3, 3)]
    [InlineData(1, 3, 3)]
    public void Next_MoreIsWanted_NotBeyondTheMaximum(int current, int max, int expected)
    {
        var count = new ShardCount(1, max);
        Assert.Equal(expected, count.Next(current, new QueueTotals(100, 0, 100, TimeSpan.FromSeconds(200)), TimeSpan.Zero));
        Assert.Equal(20, count.Desired, 9);
    }

    [Fact]
    public void Next_FewerAreWanted_NotBelowTheMinimum()
    {
        Assert.Equal(4, new ShardCount(4, 50).Next(10, new QueueTotals(100, 0, 100, TimeSpan.FromSeconds(10)), TimeSpan.Zero));
    }

    [Fact]
    public void Next_MoreThanTenSecondsBehind_KeepsItsShards()
    {
        var totals = new QueueTotals(100, 0, 100, TimeSpan.FromSeconds(10));
        Assert.Equal(20, new ShardCount(1, 50).Next(20, totals, TimeSpan.FromSeconds(10.1)));
        Assert.Equal(2, new ShardCount(1, 50).Next(20, totals, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Next_DroppedSamples_AreNotCountedAsWork()
    {
        // Half of what comes in is dropped: 10 a second in, 5 to send, 1 s each.
        Assert.Equal(5, new ShardCount(1, 50).Next(1, new QueueTotals(100, 50, 50, TimeSpan.FromSeconds(50)), TimeSpan.Zero));
    }

    [Fact]
    public void Next_SomethingWithoutEnd_IsTheMaximum()
    {
        Assert.Equal(50, new ShardCount(1, 50).Next(1, new QueueTotals(1e300, 0, 1e-300, TimeSpan.MaxValue), TimeSpan.MaxValue));
    }

    /// <summary>As in TestCalculateDesiredShards: two minutes without sending, then requests of 2,000 samples that take 100 ms each.</summary>
    [Fact]
    public void Next_AfterTwoMinutesWithoutReceiver_CatchesUpAndNeverFallsBehind()
    {
        const int rate = 50_000;
        const int perShard = 2_000 * 100;
        var count = new ShardCount(1, 50);
        var shards = 1;
        double pending = 0;
        var totals = default(QueueTotals);
        for (var t = 0; t < 15 * 60; t += 10)
        {
            pending += rate * Seconds;
            totals = totals with { In = totals.In + (rate * Seconds) };
            if (t >= 120)
            {
                var sent = Math.Min(shards * (double)perShard, pending);
                pending -= sent;
                totals = totals with { Out = totals.Out + sent, OutDuration = totals.OutDuration + (shards * ShardCount.Interval) };
            }

            var delay = t < 120 ? t : Math.Truncate(pending / rate);
            shards = count.Next(shards, totals, TimeSpan.FromSeconds(delay));
            Assert.InRange(shards, t < 120 ? 1 : rate / 2_000 / 10, t < 120 ? 1 : 200);
        }

        Assert.Equal(0, pending);
    }

    [Fact]
    public void SmoothedRate_FirstEventsInFull_LaterOnesByAFifth()
    {
        var rate = default(SmoothedRate);
        rate.Tick(0, ShardCount.Interval);
        Assert.Equal(0, rate.PerSecond);
        rate.Tick(100, ShardCount.Interval);
        Assert.Equal(10, rate.PerSecond);
        rate.Tick(300, ShardCount.Interval);
        Assert.Equal(12, rate.PerSecond, 9);
        rate.Tick(300, ShardCount.Interval);
        Assert.Equal(9.6, rate.PerSecond, 9);
    }
}
