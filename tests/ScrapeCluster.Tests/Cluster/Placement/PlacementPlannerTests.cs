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
}
