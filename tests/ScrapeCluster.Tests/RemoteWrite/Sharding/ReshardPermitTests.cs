using ScrapeCluster.RemoteWrite.Queues.Sharding;

namespace ScrapeCluster.Tests.RemoteWrite.Sharding;

public sealed class ReshardPermitTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Allows_OnlyForTenSecondsAfterARequestCameToItsEnd()
    {
        var permit = new ReshardPermit();
        Assert.False(permit.Allows(Start));
        permit.Ended(Start);
        Assert.True(permit.Allows(Start));
        Assert.True(permit.Allows(Start.AddSeconds(10)));
        Assert.False(permit.Allows(Start.AddSeconds(10.1)));
    }

    [Fact]
    public void Allows_AfterAFailedTry_NotForTwiceItsWait()
    {
        var permit = new ReshardPermit();
        permit.Failed(Start, TimeSpan.FromSeconds(3));
        permit.Failed(Start, TimeSpan.FromSeconds(1));
        permit.Ended(Start.AddSeconds(5));
        Assert.False(permit.Allows(Start.AddSeconds(5.9)));
        Assert.True(permit.Allows(Start.AddSeconds(6)));
    }

    [Fact]
    public void Failed_AWaitOfCenturies_HoldsForGood()
    {
        var permit = new ReshardPermit();
        permit.Failed(Start, TimeSpan.MaxValue);
        permit.Ended(Start);
        Assert.False(permit.Allows(Start));
    }
}
