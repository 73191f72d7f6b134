using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.RemoteWrite.Queues;

namespace ScrapeCluster.Tests.RemoteWrite.Positions;

public sealed class PositionRulesTests
{
    [Fact]
    public void Lowest_IsThatOfTheShardThatIsBehind_WhateverIsOnItsWay()
    {
        var positions = ShardPositions.AllAt(At(1), 3);
        positions.Begin(0, At(5));
        positions.Acknowledge(1, At(9));
        Assert.Equal(At(1), positions.Lowest);
        positions.Acknowledge(2, At(8));
        positions.Acknowledge(0, At(5));
        Assert.Equal(At(5), positions.Lowest);
        Assert.False(positions[0].HasRequest);
    }

    [Fact]
    public void Acknowledge_Backwards_ChangesNothing()
    {
        var positions = ShardPositions.AllAt(At(4), 1);
        positions.Acknowledge(0, At(2));
        Assert.Equal(At(4), positions.Lowest);
    }

    [Fact]
    public void Positions_AreOrderedBySegmentOffsetAndIndex()
    {
        SamplePosition[] rising = [new(0, 0, 0), new(0, 0, 5), new(0, 7, 0), new(0, 1L << 33, 0), new(1, 0, 0), new(1, 0, 1)];
        for (var i = 0; i < rising.Length; i++)
        {
            for (var n = 0; n < rising.Length; n++)
            {
                Assert.Equal(i < n, rising[i] < rising[n]);
                Assert.Equal(i >= n, rising[i] >= rising[n]);
            }
        }
    }

    [Fact]
    public void Boundaries_EachShardSkipsItsOwnAndEndsOnce()
    {
        var boundaries = new RequestBoundaries([new ShardStart(new ShardPosition(At(2), At(6)), At(6)), new ShardStart(At(9))]);

        Assert.Equal(At(9), boundaries.Highest);
        Assert.True(boundaries.IsAcknowledged(0, At(1)));
        Assert.False(boundaries.IsAcknowledged(0, At(2)));
        Assert.True(boundaries.IsAcknowledged(1, At(8)));
        Assert.True(boundaries.IsRebuilding(0));
        Assert.False(boundaries.IsRebuilding(1));
        Assert.True(boundaries.MayRepeat(0, At(5)));
        Assert.False(boundaries.MayRepeat(0, At(6)));
        Assert.False(boundaries.EndsBefore(0, At(5)));
        Assert.True(boundaries.EndsBefore(0, At(6)));
        Assert.False(boundaries.EndsBefore(0, At(7)));
        Assert.False(boundaries.EndsBefore(1, At(10)));
        Assert.False(boundaries.IsRebuilding(0));
    }

    /// <summary>A receiver that refuses every part with a sample that it has: all others arrive, in order, and just the repeats are left.</summary>
    [Fact]
    public void Split_AnyRepeats_AllOthersAreSentInOrderAndTheRepeatsAreLeft()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var count = random.Next(2, 40);
            var isRepeat = Enumerable.Range(0, count).Select(_ => random.Next(3) == 0).ToArray();
            var sent = new List<int>();
            var repeats = new List<int>();
            var split = new RequestSplit(count);
            while (split.TryNext(out var start, out var length))
            {
                var part = Enumerable.Range(start, length).ToList();
                if (!part.Exists(i => isRepeat[i]))
                {
                    sent.AddRange(part);
                }
                else if (!split.TryHalve(start, length))
                {
                    repeats.AddRange(part);
                }
            }

            Assert.Equal(Enumerable.Range(0, count).Where(i => !isRepeat[i]), sent);
            Assert.Equal(Enumerable.Range(0, count).Where(i => isRepeat[i]), repeats);
        }
    }

    private static SamplePosition At(int index) => new(3, 100, index);
}
