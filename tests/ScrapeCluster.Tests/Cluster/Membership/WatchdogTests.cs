using ScrapeCluster.Cluster.Membership;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>A node's doubts of itself.</summary>
public sealed class WatchdogTests
{
    private readonly ProgressWatch _progress = new();
    private readonly SelfDoubt _doubt = new();

    [Theory]
    [InlineData(1, 10)]
    [InlineData(15, 45)]
    public void NoScrapeEnds_IsTooLongAfterTenSecondsOrThreeIntervals(int intervalSeconds, int limitSeconds)
    {
        for (var second = 0; second <= limitSeconds; second++)
        {
            Assert.Null(Check(second, ended: 5, intervalSeconds));
        }

        Assert.Contains($"{limitSeconds} s", Check(limitSeconds + 1, ended: 5, intervalSeconds));
    }

    [Fact]
    public void AScrapeThatEnds_StartsItAnew()
    {
        for (var second = 0; second < 60; second++)
        {
            Assert.Null(Check(second, ended: second / 9, intervalSeconds: 1));
        }
    }

    [Fact]
    public void WithoutWork_NothingNeedMove()
    {
        for (var second = 0; second < 60; second++)
        {
            Assert.Null(_progress.Check(TimeSpan.FromSeconds(second), 5, null));
        }

        Assert.Null(Check(60, ended: 5, intervalSeconds: 1));
    }

    [Fact]
    public void AProcessThatWasStopped_IsGivenTimeToScrape()
    {
        Check(0, ended: 5, intervalSeconds: 1);
        Check(1, ended: 5, intervalSeconds: 1);

        Assert.Null(Check(61, ended: 5, intervalSeconds: 1));
    }

    [Fact]
    public void LateTick_MakesSickForAWhile()
    {
        _doubt.Ticked(TimeSpan.FromSeconds(1));
        _doubt.Ticked(TimeSpan.FromSeconds(2.5));
        Assert.False(_doubt.IsSick(TimeSpan.FromSeconds(2.5)));
        _doubt.Ticked(TimeSpan.FromSeconds(62.5));

        Assert.True(_doubt.IsSick(TimeSpan.FromSeconds(62.5)));
        Assert.True(_doubt.IsSick(TimeSpan.FromSeconds(62.4) + SelfDoubt.Recovery));
        Assert.False(_doubt.IsSick(TimeSpan.FromSeconds(62.5) + SelfDoubt.Recovery));
    }

    private string? Check(int second, long ended, int intervalSeconds) => _progress.Check(TimeSpan.FromSeconds(second), ended, TimeSpan.FromSeconds(intervalSeconds));
}
