using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Sending;

namespace ScrapeCluster.Tests.Cluster.Sending;

public sealed class MovePatienceTests
{
    [Theory]
    [InlineData(MoveReason.Balance, 30, 0, MoveVerdict.Begins)]
    [InlineData(MoveReason.Balance, 31, 0, MoveVerdict.Waits)]
    [InlineData(MoveReason.Pinned, 31, 999, MoveVerdict.Waits)]
    [InlineData(MoveReason.Leaving, 30, 999, MoveVerdict.Begins)]
    [InlineData(MoveReason.Leaving, 31, 29, MoveVerdict.Waits)]
    [InlineData(MoveReason.Leaving, 31, 30, MoveVerdict.BeginsLate)]
    public void Of_LagAndDrain_Verdict(MoveReason reason, int lag, int leaves, MoveVerdict verdict) =>
        Assert.Equal(verdict, MovePatience.Of(reason, Seconds(lag), Seconds(30), Seconds(leaves), Seconds(60)));

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
