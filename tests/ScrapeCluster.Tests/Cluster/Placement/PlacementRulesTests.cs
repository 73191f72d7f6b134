using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Placement;

public sealed class PlacementRulesTests
{
    [Theory]
    [InlineData(0, 1, 0, 0, 1)]
    [InlineData(0, 400, 0, 0, 1)]
    [InlineData(0, 501, 0, 0, 2)]
    [InlineData(0, 5000, 0, 0, 16)]
    [InlineData(0, 200, 100_000, 20_000, 128)] // 80 sixteenths of a node
    [InlineData(0, 3, 100_000, 20_000, 16)] // down to one target a bucket, and room for them not to meet
    [InlineData(0, 1, 100_000, 20_000, 1)]
    [InlineData(64, 10, 0, 0, 64)] // never shrinks
    [InlineData(0, 0, 0, 0, 1)]
    public void BucketCount_FollowsTargetsAndLoad(int present, int targets, double jobLoad, double averageNodeLoad, int expected)
    {
        Assert.Equal(expected, BucketCounts.Next(present, targets, jobLoad, averageNodeLoad));
    }

    [Fact]
    public void Bucket_OfADoubledCount_IsTheSameOrItsTwin()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var hash = (ulong)random.NextInt64();
            var before = BucketKey.Of(hash, 16);
            var after = BucketKey.Of(hash, 32);
            Assert.True(after == before || after == before + 16);
        }
    }

    [Fact]
    public void Load_OfUnmeasuredBuckets_IsTheMeanOfTheirJobThenOfAll()
    {
        var loads = LoadModel.Estimate([("a", 10, 100), ("a", 5, null), ("b", 2, null), ("c", 10, 300)]);

        Assert.Equal([100, 50, 40, 300], loads);
        Assert.Equal([LoadModel.UnknownTarget * 3], LoadModel.Estimate([("a", 3, null)]));
    }

    [Fact]
    public void Trigger_ThreeRoundsAbove_StartsAndGoesOnUntilEven()
    {
        var trigger = default(BalanceTrigger);
        Assert.False((trigger = trigger.Next(1.2)).IsEvening);
        Assert.False((trigger = trigger.Next(1.2)).IsEvening);
        Assert.False((trigger = trigger.Next(1.01)).IsEvening);
        trigger = trigger.Next(1.2).Next(1.06).Next(1.2);
        Assert.True(trigger.IsEvening);
        Assert.True((trigger = trigger.Next(1.04)).IsEvening);
        Assert.False((trigger = trigger.Next(1.02)).IsEvening);
        Assert.False(trigger.Next(1.04).IsEvening);
    }

    [Fact]
    public void Trigger_NodeHasLittle_StartsUntilItIsFilledOrNothingFits()
    {
        var trigger = default(BalanceTrigger).Next(1.03, 0.9).Next(1.03, 0.9).Next(1.03, 0.9);
        Assert.True(trigger.IsEvening);
        Assert.True(trigger.Next(1.01, 0.94).IsEvening);
        Assert.False(trigger.Next(1.01, 0.98).IsEvening);
        Assert.False(trigger.Next(1.03, 0.9, isStuck: true).IsEvening);
        Assert.True(BalanceTrigger.Now.Next(1.03, 0).IsEvening);
    }

    [Theory]
    [InlineData(false, Evening.Newcomer)]
    [InlineData(true, Evening.Fill)]
    public void Trigger_Newcomer_IsFilledUntilItHasItsShareOrNothingFits(bool isAwaiting, Evening evens)
    {
        var trigger = BalanceTrigger.ForNewcomer(isAwaiting);
        Assert.Equal(evens, trigger.Evens);
        trigger = trigger.Next(1.03, 0.1, isAwaiting: isAwaiting);
        Assert.Equal(evens, trigger.Evens);
        Assert.Equal(evens, trigger.Next(1.06, 0.5, isAwaiting: isAwaiting).Evens);
        Assert.Equal(default, trigger.Next(1.04, 0.97, isAwaiting: isAwaiting));
        Assert.Equal(default, trigger.Next(1.04, 0.1, isStuck: true, isAwaiting));
        Assert.Equal(Evening.All, trigger.Next(1.06, 0.5, isAwaiting: isAwaiting).Next(1.06, 0.5, isAwaiting: isAwaiting).Evens);
    }

    /// <summary>Beside a newcomer all are evened out at once, but not while another one is awaited: only after three rounds.</summary>
    [Fact]
    public void Trigger_Newcomer_IsFilledButOthersHaveMuch()
    {
        Assert.Equal(Evening.Newcomer, BalanceTrigger.ForNewcomer(isAwaiting: false).Next(1.06, 0.97).Evens);
        Assert.Equal(Evening.Fill, BalanceTrigger.ForNewcomer(isAwaiting: false).Next(1.06, 0.5, isAwaiting: true).Evens);
        var filled = BalanceTrigger.ForNewcomer(isAwaiting: true).Next(1.06, 0.97);
        Assert.Equal(new BalanceTrigger(1, Evening.Nothing), filled);
        Assert.Equal(Evening.All, filled.Next(1.06, 0.97).Next(1.06, 0.97).Evens);
    }

    [Fact]
    public void Trigger_WhileANodeIsAwaited_OnlyWhatIsVeryUneven()
    {
        var trigger = default(BalanceTrigger);
        for (var round = 0; round < 20; round++)
        {
            trigger = trigger.Next(1.2, 0.8, isAwaiting: true);
            Assert.Equal(default, trigger);
        }

        Assert.Equal(Evening.All, trigger.Next(1.3, 0.9, isAwaiting: true).Next(1.3, 0.9, isAwaiting: true).Next(1.3, 0.9, isAwaiting: true).Evens);
        Assert.Equal(default, BalanceTrigger.Now.Next(1.2, 0.9, isAwaiting: true));
        Assert.Equal(Evening.All, trigger.Next(1.2).Next(1.2).Next(1.2).Evens);
    }

    [Fact]
    public void Rendezvous_NodeGoes_TheOrderOfTheOthersStays()
    {
        var nodes = Enumerable.Range(0, 10).Select(number => Rendezvous.SeedOf($"node-{number}")).ToList();
        var first = new int[10];
        for (var bucket = 0; bucket < 10_000; bucket++)
        {
            var order = nodes.OrderBy(node => Rendezvous.Weight(node, new BucketKey("job", bucket), 7)).ToList();
            first[nodes.IndexOf(order[0])]++;
        }

        Assert.All(first, count => Assert.InRange(count, 850, 1150));
    }
}
