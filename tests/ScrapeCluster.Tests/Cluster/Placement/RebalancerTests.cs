using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Placement;

/// <summary>What a plan moves to even out load: no more than it must, and all of it at once.</summary>
public sealed class RebalancerTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public void Plan_NodeJoins_MovesWhatMustLeaveTheOthersAndNoMore(int nodes)
    {
        var fleet = Fleet.Of(nodes).WithJob("web", 2000, 512, new Random(nodes)).WithJob("db", 100, 64, new Random(nodes + 1));
        fleet.Apply(Evening.All);
        fleet.Nodes.Add(new PlacementNode("new"));
        var average = fleet.TotalLoad / (nodes + 1);
        var ideal = fleet.Nodes.Sum(node => Math.Max(0, fleet.LoadOf(node.Name) - average));

        var plan = fleet.Apply(Evening.All);

        Assert.All(plan.Moves, move => Assert.Equal((MoveReason.Balance, "new"), (move.Reason, move.To)));
        Assert.InRange(plan.Moves.Sum(move => move.Load), 0, ideal * 1.05);
        Assert.InRange(plan.MaxOverAverage, 1, 1.05);
    }

    /// <summary>A single one of them would only carry the burden elsewhere.</summary>
    [Fact]
    public void Plan_HeavyBucketsThatMet_AreExchangedForLighterOnes()
    {
        var fleet = Fleet.Holding([4400, 4500, 4600], [2500, 2600, 2700, 2800, 600, 200], [2400, 2650, 2750, 2900, 400, 300]);

        Assert.InRange(fleet.Plan().MaxOverAverage, 1.1, 1.2);
        var plan = fleet.Apply(Evening.All);

        Assert.InRange(plan.MaxOverAverage, 1, 1.05);
        Assert.InRange(plan.Moves.Sum(move => move.Load), 4400, 4600 * 2);
        Assert.Empty(fleet.Plan(Evening.All).Moves);
    }

    /// <summary>Whatever has happened before: what is left uneven is a bucket that alone is more than a share.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(12)]
    public void Plan_HeavyTailedAnywhere_IsEvenAfterwards(int nodes)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var fleet = Fleet.Of(nodes).WithHeavyTailedJob("web", 40 * nodes, 32 * nodes, random);
            foreach (var bucket in fleet.Buckets)
            {
                fleet.Current[new SlotKey(bucket.Key, 0)] = $"node-{random.Next(nodes)}";
            }

            var plan = fleet.Apply(Evening.All);

            Assert.InRange(plan.MaxOverAverage, 1, Math.Max(1.05, fleet.Buckets.Max(bucket => bucket.Load) / plan.Average));
            Assert.Empty(fleet.Plan(Evening.All).Moves);
        }
    }

    [Fact]
    public void Plan_WithBudget_MovesNoMoreAtOnceAndGetsThereInRounds()
    {
        var fleet = Fleet.Of(5).WithJob("web", 500, 128, new Random(7));
        fleet.Apply(Evening.All);
        fleet.Nodes.Add(new PlacementNode("new"));

        var rounds = 0;
        for (; fleet.Plan(Evening.All, budget: 4).Moves is { Count: > 0 } moves; rounds++)
        {
            Assert.InRange(moves.Count, 1, 4);
            fleet.Apply(Evening.All, budget: 4);
            Assert.True(rounds < 100);
        }

        Assert.InRange(rounds, 2, 20);
        Assert.InRange(fleet.Plan().MaxOverAverage, 1, 1.05);
    }

    /// <summary>Beside fifty others one node more raises nobody above 1.05, and is still to get its share.</summary>
    [Fact]
    public void Join_OfAFewPercent_FillsTheNewNodeByNoMoreThanItsShare()
    {
        var fleet = Fleet.Of(50).WithJob("a", 20_000, 1024, new Random(3));
        fleet.Apply();
        fleet.Apply(Evening.All);
        fleet.Nodes.Add(new PlacementNode("late"));

        var plan = fleet.Apply(Evening.All);

        Assert.InRange(plan.Loads["late"] / plan.Average, 0.95, 1.02);
        Assert.True(plan.Moves.Sum(move => move.Load) <= plan.Average * 1.05, "moved more than its share");
        Assert.InRange(plan.MaxOverAverage, 1, 1.03);
        Assert.InRange(plan.MinOverAverage, 0.95, 1);
    }

    [Fact]
    public void Fill_CordonedOrSmallNode_IsNotCountedAsNeedingMore()
    {
        var fleet = Fleet.Of(4).WithJob("a", 4_000, 256, new Random(3));
        fleet.Apply();
        fleet.Nodes.Add(new PlacementNode("cordoned", TakesMore: false));
        fleet.Nodes.Add(new PlacementNode("small", Capacity: 1));

        var plan = fleet.Apply(Evening.All);

        Assert.Equal(0, plan.Loads["cordoned"]);
        Assert.InRange(plan.Loads["small"], 0, 1);
        Assert.True(plan.MinOverAverage > 0.9);
    }

    /// <summary>Drained and back, one after the other: each has what it had, and nothing else moved.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(40)]
    public void RollingRestart_MovesEachShareOutAndBack(int nodes)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var fleet = Fleet.Of(nodes).WithHeavyTailedJob("web", 40 * nodes, 32 * nodes, new Random(seed));
            fleet.Apply(Evening.All);
            var before = fleet.Current.ToDictionary();
            var moved = 0.0;
            foreach (var node in fleet.Nodes.ToList())
            {
                moved += fleet.Restart(node.Name);
            }

            Assert.InRange(moved / (2 * fleet.TotalLoad), 0.95, 1.05);
            var loads = fleet.Buckets.ToDictionary(bucket => bucket.Key, bucket => bucket.Load);
            Assert.InRange(before.Where(slot => fleet.Current[slot.Key] == slot.Value).Sum(slot => loads[slot.Key.Bucket]) / fleet.TotalLoad, 0.8, 1);
            Assert.InRange(fleet.Plan().MaxOverAverage, 1, 1.05);
        }
    }

    [Fact]
    public void Fill_MovesNothingBetweenThoseWhoHaveEnough()
    {
        var fleet = Fleet.Of(5).WithHeavyTailedJob("web", 200, 128, new Random(1));
        fleet.Apply();
        fleet.Nodes.Add(new PlacementNode("new"));

        var plan = fleet.Apply(Evening.Fill);

        Assert.All(plan.Moves, move => Assert.Equal("new", move.To));
        Assert.InRange(plan.Loads["new"] / plan.Average, 0.95, 1.02);
    }

    /// <summary>Two of five die, are not awaited any longer, and come back: what is planned at once moves their shares and no more, even where heavy buckets met.</summary>
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(32)]
    public void Newcomers_AfterACrash_AreGivenTheirSharesAndNothingMovesTwice(int begun)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var fleet = Fleet.Of(5).WithHeavyTailedJob("web", 200, 128, random);
            fleet.Apply(Evening.All);
            var victims = fleet.Nodes.OrderBy(_ => random.Next()).Take(2).ToList();
            fleet.Nodes.RemoveAll(victims.Contains);
            fleet.Apply();
            fleet.Apply(Evening.All);

            AssertJoin(fleet, victims, begun);
        }
    }

    /// <summary>Which of its few buckets a node gives decides whether it is even afterwards: filled first, all others are full when that shows.</summary>
    [Fact]
    public void Newcomers_BesideANodeOfHeavyBuckets_AreGivenTheirSharesAndNothingMovesTwice()
    {
        var fleet = Fleet.Holding([.. Enumerable.Repeat(100.0, 195)], [.. Enumerable.Repeat(100.0, 195)], [7000, 5600, 3000, 2400, 1500]);

        AssertJoin(fleet, [new PlacementNode("new-1"), new PlacementNode("new-2")], int.MaxValue);
    }

    /// <param name="begun">How many moves begin before the next plan, which may be another.</param>
    private static void AssertJoin(Fleet fleet, IReadOnlyList<PlacementNode> newcomers, int begun)
    {
        fleet.Nodes.AddRange(newcomers);
        var share = fleet.TotalLoad / fleet.Nodes.Count;
        var ideal = fleet.Nodes.Sum(node => Math.Max(0, fleet.LoadOf(node.Name) - share));
        var moves = new List<SlotMove>();
        var trigger = BalanceTrigger.ForNewcomer(isAwaiting: false);
        for (var round = 0; round < 10; round++)
        {
            moves.AddRange(fleet.Apply(trigger.Evens, begun: begun).Moves);
            var plan = fleet.Plan();
            trigger = trigger.Next(plan.MaxOverAverage, plan.MinOverAverage, trigger.IsEvening && fleet.Plan(trigger.Evens).Moves.Count == 0);
        }

        Assert.Equal(default, trigger);
        Assert.InRange(fleet.Plan().MaxOverAverage, 1, 1.05);
        Assert.Equal(moves.Count, moves.Select(move => move.Slot).Distinct().Count());
        Assert.InRange(moves.Sum(move => move.Load), 0, 1.05 * ideal);
    }
}
