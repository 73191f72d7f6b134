using ScrapeCluster.Cluster.Time;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Cluster.Time;

public sealed class ClusterTimeTests
{
    private static readonly TimeSpan Wrong = TimeSpan.FromMinutes(-5);

    [Fact]
    public void Adjust_NodeOffByMinutes_ShowsTheStoresTime()
    {
        var local = new ManualTimeProvider();
        var store = local.GetUtcNow() - Wrong;
        var time = new ClusterTime(local);
        var filter = new OffsetFilter();
        var sent = time.Unadjusted();
        local.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(-Wrong, time.Adjust(filter.Add(sent, store + TimeSpan.FromMilliseconds(5), time.Unadjusted())));
        Assert.Equal(store + TimeSpan.FromMilliseconds(10), time.GetUtcNow());
        Assert.Equal(-Wrong, time.WallClockError);
    }

    [Fact]
    public void WallClockSteps_AreNotFollowed()
    {
        var local = new ManualTimeProvider();
        var time = new ClusterTime(local);
        var before = time.GetUtcNow();
        local.StepWallClock(TimeSpan.FromHours(1));
        local.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(before + TimeSpan.FromSeconds(1), time.GetUtcNow());
        Assert.Equal(TimeSpan.FromHours(-1), time.WallClockError);
    }

    [Fact]
    public void Adjust_WithinTheError_LeavesTheClockAlone()
    {
        var local = new ManualTimeProvider();
        var time = new ClusterTime(local);

        Assert.Equal(TimeSpan.Zero, time.Adjust(new OffsetFilter.Exchange(TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(39))));
        Assert.Equal(TimeSpan.FromMilliseconds(40), time.Adjust(new OffsetFilter.Exchange(TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(2))));
    }

    [Fact]
    public void Filter_OfRandomDelays_StaysWithinItsError()
    {
        var random = new Random(1);
        var filter = new OffsetFilter();
        var offset = TimeSpan.FromSeconds(-17);
        var now = DateTimeOffset.UnixEpoch;
        for (var i = 0; i < 1000; i++)
        {
            now += TimeSpan.FromSeconds(1);
            var there = TimeSpan.FromMilliseconds(random.NextDouble() * random.Next(100));
            var back = TimeSpan.FromMilliseconds(random.NextDouble() * random.Next(100));
            var best = filter.Add(now, now + there + offset, now + there + back);

            Assert.True((best.Offset - offset).Duration() <= best.Error, $"exchange {i}: {best}");
        }
    }
}
