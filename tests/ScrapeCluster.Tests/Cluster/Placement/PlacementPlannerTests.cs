using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Placement;

public sealed class PlacementPlannerTests
{
    private static readonly BucketKey A = new("a", 0);

    [Fact]
    public void Plan_ColdStart_PlacesEverythingEvenly()
    {
        var fleet = Fleet.Of(5).WithJob("web", 200, 64, new Random(1));

        var plan = fleet.Apply();

        Assert.Equal(64, plan.Moves.Count);
        Assert.All(plan.Moves, move => Assert.Equal((MoveReason.New, ""), (move.Reason, move.From)));
        Assert.Empty(plan.Unplaced);
        Assert.InRange(plan.MaxOverAverage, 1, 1.05);
    }

    [Fact]
    public void Plan_NothingChanged_MovesNothing()
    {
        var fleet = Fleet.Of(5).WithJob("web", 200, 64, new Random(2));
        fleet.Apply();

        Assert.Empty(fleet.Plan(Evening.All).Moves);
    }

    [Fact]
    public void Plan_InputInAnotherOrder_IsTheSame()
    {
        var fleet = Fleet.Of(7, replicas: 2).WithJob("web", 300, 64, new Random(3)).WithJob("db", 20, 16, new Random(4));
        var expected = fleet.Plan().Moves.ToDictionary(move => move.Slot, move => move.To);
        fleet.Buckets.Reverse();
        fleet.Nodes.Reverse();

        Assert.Equal(expected, fleet.Plan().Moves.ToDictionary(move => move.Slot, move => move.To));
    }

    [Fact]
    public void Plan_NodeGone_OnlyItsSlotsMoveAndSpreadOverAll()
    {
        var fleet = Fleet.Of(5).WithJob("web", 200, 64, new Random(5));
        fleet.Apply();
        var lost = fleet.Current.Where(slot => slot.Value == "node-2").Select(slot => slot.Key).Order().ToList();
        fleet.Nodes.RemoveAll(node => node.Name == "node-2");

        var plan = fleet.Apply();

        Assert.Equal(lost, plan.Moves.Select(move => move.Slot).Order());
        Assert.All(plan.Moves, move => Assert.Equal(MoveReason.Orphaned, move.Reason));
        Assert.Equal(4, plan.Moves.Select(move => move.To).Distinct().Count());
        Assert.InRange(plan.MaxOverAverage, 1, 1.05);
    }

    [Fact]
    public void Plan_NodeGone_TheHeirIsPreferredWhereItHasRoom()
    {
        var fleet = Fleet.Of(5).WithJob("web", 400, 128, new Random(6));
        fleet.Apply();
        var lost = fleet.Current.Where(slot => slot.Value == "node-2").Select(slot => slot.Key).Order().ToList();
        fleet.Nodes.RemoveAll(node => node.Name == "node-2");
        var heirs = lost.Select((slot, i) => (slot, Node: fleet.Nodes[i % 4].Name)).ToDictionary(heir => heir.slot, heir => heir.Node);

        var plan = PlacementPlanner.Plan(new PlacementInput(fleet.Nodes, fleet.Buckets, fleet.Current, new PlacementRules()) { Heirs = heirs });

        var inherited = plan.Moves.Count(move => move.To == heirs[move.Slot]);
        Assert.True(inherited > lost.Count / 2, $"{inherited} of {lost.Count} went to their heirs");
        Assert.InRange(plan.MaxOverAverage, 1, 1.05);
    }

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
        var fleet = Fleet.Of(3);
        double[][] loads = [[4400, 4500, 4600], [2500, 2600, 2700, 2800, 600, 200], [2400, 2650, 2750, 2900, 400, 300]];
        foreach (var (node, load) in loads.SelectMany(static (own, node) => own.Select(load => (node, load))))
        {
            var bucket = new PlacementBucket(new BucketKey("web", fleet.Buckets.Count), load);
            fleet.Buckets.Add(bucket);
            fleet.Current[new SlotKey(bucket.Key, 0)] = $"node-{node}";
        }

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

    [Fact]
    public void Plan_NodeLeaves_ItIsEmptiedAndNobodyElseMoves()
    {
        var fleet = Fleet.Of(5).WithJob("web", 200, 64, new Random(8));
        fleet.Apply();
        fleet.Replace("node-1", node => node with { IsLeaving = true });

        var plan = fleet.Apply();

        Assert.All(plan.Moves, move => Assert.Equal((MoveReason.Leaving, "node-1"), (move.Reason, move.From)));
        Assert.Equal(0, plan.Loads["node-1"]);
        Assert.InRange(plan.MaxOverAverage, 1, 1.05);
    }

    [Fact]
    public void Plan_LastNodeLeaves_KeepsWhatItHas()
    {
        var fleet = Fleet.Of(1).WithJob("web", 20, 4, new Random(9));
        fleet.Apply();
        fleet.Replace("node-0", node => node with { IsLeaving = true });

        var plan = fleet.Plan();

        Assert.Empty(plan.Moves);
        Assert.Equal(4, plan.Unplaced.Count);
        Assert.All(plan.Unplaced, slot => Assert.Contains("leaving", slot.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_Cordoned_KeepsAndGetsNothing()
    {
        var fleet = Fleet.Of(3).WithJob("web", 100, 32, new Random(10));
        fleet.Apply();
        var before = fleet.LoadOf("node-0");
        fleet.Replace("node-0", node => node with { TakesMore = false });
        fleet.Nodes.RemoveAll(node => node.Name == "node-1");

        var plan = fleet.Apply();

        Assert.All(plan.Moves, move => Assert.Equal("node-2", move.To));
        Assert.Equal(before, fleet.LoadOf("node-0"), 6);
    }

    [Fact]
    public void Plan_TwoReplicas_AreOnTwoNodesAndZones()
    {
        var fleet = Fleet.Of(6, replicas: 2).WithJob("web", 200, 64, new Random(11));
        for (var i = 0; i < 6; i++)
        {
            var zone = $"zone-{i % 3}";
            fleet.Replace($"node-{i}", node => node with { Zone = zone });
        }

        fleet.Apply();
        AssertApart(fleet);
        fleet.Nodes.RemoveAll(node => node.Name is "node-0" or "node-4");
        var plan = fleet.Apply();
        AssertApart(fleet);
        fleet.Nodes.Add(new PlacementNode("new", "zone-0"));
        fleet.Apply(Evening.All);
        AssertApart(fleet);

        Assert.Empty(plan.Unplaced);
    }

    [Fact]
    public void Plan_FewerNodesThanReplicas_SaysSo()
    {
        var fleet = Fleet.Of(1, replicas: 2);
        fleet.Buckets.Add(new PlacementBucket(A, 10));

        var plan = fleet.Plan();

        Assert.Equal(new SlotKey(A, 0), Assert.Single(plan.Moves).Slot);
        var left = Assert.Single(plan.Unplaced);
        Assert.Equal(new SlotKey(A, 1), left.Slot);
        Assert.Contains("cluster.replicas", left.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_MoreLoadThanCapacity_ReportsWhatIsLeft()
    {
        var fleet = new Fleet();
        fleet.Nodes.AddRange([new PlacementNode("a", Capacity: 100), new PlacementNode("b", Capacity: 50)]);
        fleet.Buckets.AddRange(Enumerable.Range(0, 20).Select(number => new PlacementBucket(new BucketKey("job", number), 10)));

        var plan = fleet.Plan(Evening.All);

        Assert.Equal((100.0, 50.0), (plan.Loads["a"], plan.Loads["b"]));
        Assert.Equal(5, plan.Unplaced.Count);
        Assert.All(plan.Unplaced, slot => Assert.Contains("cluster.capacity", slot.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_Pinned_GoesThereAndStaysThere()
    {
        var fleet = Fleet.Of(4).WithJob("web", 100, 32, new Random(12));
        fleet.Apply();
        var key = fleet.Buckets[5].Key;
        var target = fleet.Nodes.First(node => node.Name != fleet.Current[new SlotKey(key, 0)]).Name;
        fleet.Buckets[5] = fleet.Buckets[5] with { Pin = target };

        var move = Assert.Single(fleet.Apply().Moves);

        Assert.Equal((key, target, MoveReason.Pinned), (move.Slot.Bucket, move.To, move.Reason));
        fleet.Nodes.Add(new PlacementNode("new"));
        Assert.DoesNotContain(fleet.Apply(Evening.All).Moves, other => other.Slot.Bucket == key);
    }

    [Fact]
    public void Plan_PinToAMissingNode_IsPlacedAsOthers()
    {
        var fleet = Fleet.Of(2);
        fleet.Buckets.Add(new PlacementBucket(A, 10, Pin: "gone"));

        Assert.Single(fleet.Apply().Moves);
        Assert.Empty(fleet.Plan().Moves);
    }

    [Fact]
    public void Plan_Quarantined_IsNowhere()
    {
        var fleet = Fleet.Of(2);
        fleet.Buckets.Add(new PlacementBucket(A, 10, IsQuarantined: true));

        var plan = fleet.Plan();

        Assert.Empty(plan.Moves);
        Assert.Contains("quarantined", Assert.Single(plan.Unplaced).Reason, StringComparison.Ordinal);
    }

    /// <summary>A life of joins, crashes, leaves, cordons and changing load: the rules hold after every step.</summary>
    [Fact]
    public void Plan_RandomLife_KeepsTheRules()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var fleet = Fleet.Of(random.Next(1, 8), random.Next(1, 4)).WithJob("a", random.Next(1, 400), 1 << random.Next(8), random).WithJob("b", 30, 16, random);
            for (var step = 0; step < 25; step++)
            {
                Live(fleet, random, step);
                var before = fleet.Current.ToDictionary();
                var plan = fleet.Apply((Evening)random.Next(4), budget: random.Next(1, 20));
                AssertRules(fleet, plan, before);
            }
        }
    }

    private static void Live(Fleet fleet, Random random, int step)
    {
        var some = fleet.Nodes.Count > 0 ? fleet.Nodes[random.Next(fleet.Nodes.Count)].Name : "";
        switch (random.Next(6))
        {
            case 0:
                fleet.Nodes.Add(new PlacementNode($"more-{step}", $"zone-{random.Next(3)}"));
                break;
            case 1 when fleet.Nodes.Count > 1:
                fleet.Nodes.RemoveAll(node => node.Name == some);
                break;
            case 2 when some.Length > 0:
                fleet.Replace(some, node => node with { IsLeaving = !node.IsLeaving });
                break;
            case 3 when some.Length > 0:
                fleet.Replace(some, node => node with { TakesMore = !node.TakesMore });
                break;
            case 4:
                var bucket = random.Next(fleet.Buckets.Count);
                fleet.Buckets[bucket] = fleet.Buckets[bucket] with { Load = random.Next(10_000) };
                break;
        }
    }

    private static void AssertRules(Fleet fleet, PlacementPlan plan, Dictionary<SlotKey, string> before)
    {
        var nodes = fleet.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        Assert.Equal(plan.Moves.Count, plan.Moves.Select(move => move.Slot).Distinct().Count());
        foreach (var move in plan.Moves)
        {
            Assert.True(nodes[move.To] is { TakesMore: true, IsLeaving: false }, $"{move} goes to a node that takes nothing");
            Assert.NotEqual(move.From, move.To);
            if (move.From.Length > 0)
            {
                Assert.Equal(before[move.Slot], move.From);
            }
        }

        foreach (var bucket in fleet.Current.Where(slot => nodes.ContainsKey(slot.Value) && slot.Key.Slot < fleet.Replicas).GroupBy(slot => slot.Key.Bucket))
        {
            Assert.Equal(bucket.Count(), bucket.Select(slot => slot.Value).Distinct(StringComparer.Ordinal).Count());
        }

        var unplaced = plan.Unplaced.Select(slot => slot.Slot).ToHashSet();
        foreach (var bucket in fleet.Buckets)
        {
            for (var slot = 0; slot < fleet.Replicas; slot++)
            {
                var key = new SlotKey(bucket.Key, slot);
                Assert.True(unplaced.Contains(key) || nodes.ContainsKey(fleet.Current[key]), $"{key} is forgotten");
            }
        }

        foreach (var node in fleet.Nodes)
        {
            Assert.Equal(fleet.LoadOf(node.Name), plan.Loads[node.Name], 3);
        }
    }

    private static void AssertApart(Fleet fleet)
    {
        var zones = fleet.Nodes.ToDictionary(node => node.Name, node => node.Zone, StringComparer.Ordinal);
        Assert.All(fleet.Current.GroupBy(slot => slot.Key.Bucket), bucket =>
            Assert.Equal(2, bucket.Select(slot => zones[slot.Value]).Distinct(StringComparer.Ordinal).Count()));
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
        var fleet = Fleet.Of(3);
        double[][] loads = [[.. Enumerable.Repeat(100.0, 195)], [.. Enumerable.Repeat(100.0, 195)], [7000, 5600, 3000, 2400, 1500]];
        foreach (var (node, load) in loads.SelectMany(static (own, node) => own.Select(load => (node, load))))
        {
            var bucket = new PlacementBucket(new BucketKey("web", fleet.Buckets.Count), load);
            fleet.Buckets.Add(bucket);
            fleet.Current[new SlotKey(bucket.Key, 0)] = $"node-{node}";
        }

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
