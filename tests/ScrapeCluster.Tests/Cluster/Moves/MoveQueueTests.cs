using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Moves;

public sealed class MoveQueueTests
{
    private static readonly MoveTerms Terms = MoveTerms.Default with { PerNode = 2, Total = 3 };
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly MoveQueue _queue = new(Terms);

    [Fact]
    public void Move_GoesFromWantedToSettled()
    {
        _queue.Want([Move(1, "a", "b")], At(0));
        Assert.Equal([Move(1, "a", "b")], _queue.Begin(At(0)));
        Assert.Empty(_queue.Begin(At(1)));
        Assert.Empty(_queue.Ready(At(1)).Moves);
        _queue.Prepared(Slot(1), "c", At(1));
        Assert.Empty(_queue.Ready(At(1)).Moves);
        _queue.Prepared(Slot(1), "b", At(1));
        var (ready, at) = _queue.Ready(At(1));
        Assert.Equal([Move(1, "a", "b")], ready);
        Assert.Equal(At(3), at);
        _queue.Committed([Slot(1)], At(1));
        Assert.Empty(_queue.Ready(At(1)).Moves);
        Assert.Single(_queue.InFlight);
        _queue.Settled(Slot(1));
        Assert.Empty(_queue.InFlight);
    }

    [Fact]
    public void Begin_KeepsTheLimitsOfNodesAndCluster()
    {
        _queue.Want([Move(1, "a", "b"), Move(2, "a", "c"), Move(3, "a", "d"), Move(4, "e", "f"), Move(5, "e", "g")], At(0));
        var begun = _queue.Begin(At(0));

        Assert.Equal(3, begun.Count);
        Assert.Equal(2, begun.Count(move => move.From == "a"));
        Assert.Equal(2, _queue.Waiting);
    }

    [Fact]
    public void Begin_LeavingAndPinnedFirstThenTheLargest()
    {
        _queue.Want([Move(1, "a", "b", load: 9), Move(2, "c", "d", load: 5), Move(3, "e", "f", MoveReason.Leaving, 1), Move(4, "g", "h", load: 7)], At(0));

        Assert.Equal([3, 1, 4], _queue.Begin(At(0)).Select(move => move.Slot.Bucket.Bucket));
    }

    /// <summary>Each would wait for what the other has to send.</summary>
    [Fact]
    public void Begin_NobodyGivesAndTakesAtTheSameTime()
    {
        _queue.Want([Move(1, "a", "b", load: 9), Move(2, "b", "a", load: 5), Move(3, "b", "c", load: 4)], At(0));
        Assert.Equal([1], _queue.Begin(At(0)).Select(move => move.Slot.Bucket.Bucket));
        Settle(1, "b");

        Assert.Equal([2, 3], _queue.Begin(At(2)).Select(move => move.Slot.Bucket.Bucket));
    }

    /// <summary>One that waits for its turn is not overtaken for ever by those that would be free.</summary>
    [Fact]
    public void Begin_WhatWaitsForItsTurn_KeepsItsPlace()
    {
        _queue.Want([Move(1, "b", "c", load: 9)], At(0));
        _queue.Begin(At(0));
        _queue.Want([Move(2, "a", "b", MoveReason.Leaving), Move(3, "b", "c", load: 5)], At(1));
        Assert.Empty(_queue.Begin(At(1)));
        Settle(1, "c");

        Assert.Equal([2], _queue.Begin(At(2)).Select(move => move.Slot.Bucket.Bucket));
    }

    [Fact]
    public void Begin_WhatMustWait_IsLeftOut()
    {
        _queue.Want([Move(1, "a", "b"), Move(2, "c", "d")], At(0));
        Assert.Equal([2], _queue.Begin(At(0), static move => move.From == "a").Select(move => move.Slot.Bucket.Bucket));
        Assert.Equal([Move(1, "a", "b")], _queue.Wanted);
    }

    [Fact]
    public void Want_NewPlan_ReplacesWhatHasNotBegun()
    {
        _queue.Want([Move(1, "a", "b"), Move(2, "a", "b"), Move(3, "a", "b")], At(0));
        _queue.Begin(At(0));
        _queue.Want([Move(1, "a", "z"), Move(9, "a", "z")], At(1));

        Assert.Equal([Move(1, "a", "b"), Move(2, "a", "b")], _queue.InFlight);
        Assert.Equal(1, _queue.Waiting);
    }

    [Fact]
    public void Expire_NotPreparedInTime_IsAbandoned()
    {
        _queue.Want([Move(1, "a", "b")], At(0));
        _queue.Begin(At(0));

        Assert.Empty(_queue.Expire(At(5)));
        Assert.Equal([Move(1, "a", "b")], _queue.Expire(At(5.1)));
        Assert.Empty(_queue.InFlight);
    }

    [Fact]
    public void Expire_Committed_IsNeverCalledBack()
    {
        _queue.Want([Move(1, "a", "b")], At(0));
        _queue.Begin(At(0));
        _queue.Prepared(Slot(1), "b", At(0));
        _queue.Committed([Slot(1)], At(0));

        Assert.Empty(_queue.Expire(At(10)));
        Assert.Single(_queue.InFlight);
        Assert.Empty(_queue.Expire(At(16)));
        Assert.Empty(_queue.InFlight);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void NodeGone_ItsMovesAreOff(string node)
    {
        _queue.Want([Move(1, "a", "b"), Move(2, "c", "d")], At(0));
        _queue.Begin(At(0));

        Assert.Equal([Move(1, "a", "b")], _queue.NodeGone(node));
        Assert.Equal([Move(2, "c", "d")], _queue.InFlight);
    }

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    private static SlotKey Slot(int bucket) => new(new BucketKey("job", bucket), 0);

    private static SlotMove Move(int bucket, string from, string to, MoveReason reason = MoveReason.Balance, double load = 1) => new(Slot(bucket), from, to, reason, load);

    private void Settle(int slot, string to)
    {
        _queue.Prepared(Slot(slot), to, At(1));
        _queue.Committed([Slot(slot)], At(1));
        _queue.Settled(Slot(slot));
    }
}
