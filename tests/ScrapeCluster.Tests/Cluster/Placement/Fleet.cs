using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model;
using ScrapeCluster.Testing.Exporter;

namespace ScrapeCluster.Tests.Cluster.Placement;

/// <summary>Nodes and buckets to plan for; a plan is carried out by <see cref="Apply"/>.</summary>
internal sealed class Fleet
{
    private readonly Dictionary<SlotKey, string> _homes = [];

    public List<PlacementNode> Nodes { get; } = [];

    public List<PlacementBucket> Buckets { get; } = [];

    public Dictionary<SlotKey, string> Current { get; } = [];

    public int Replicas { get; init; } = 1;

    public double TotalLoad => Buckets.Sum(bucket => bucket.Load) * Replicas;

    public static Fleet Of(int nodes, int replicas = 1)
    {
        var fleet = new Fleet { Replicas = replicas };
        fleet.Nodes.AddRange(Enumerable.Range(0, nodes).Select(number => new PlacementNode($"node-{number}")));
        return fleet;
    }

    /// <summary>The loads of the buckets that each node has.</summary>
    public static Fleet Holding(params double[][] loads)
    {
        var fleet = Of(loads.Length);
        foreach (var (node, load) in loads.SelectMany(static (own, node) => own.Select(load => (node, load))))
        {
            var bucket = new PlacementBucket(new BucketKey("web", fleet.Buckets.Count), load);
            fleet.Buckets.Add(bucket);
            fleet.Current[new SlotKey(bucket.Key, 0)] = $"node-{node}";
        }

        return fleet;
    }

    /// <summary>A job of targets with log-normal sizes, cut into so many buckets.</summary>
    public Fleet WithJob(string job, int targets, int buckets, Random random)
    {
        var loads = new double[buckets];
        for (var target = 0; target < targets; target++)
        {
            loads[random.Next(buckets)] += Math.Exp(random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2) * 500;
        }

        Buckets.AddRange(loads.Select((load, bucket) => new PlacementBucket(new BucketKey(job, bucket), load)));
        return this;
    }

    /// <summary>A job whose largest targets are fifty times the middle one.</summary>
    public Fleet WithHeavyTailedJob(string job, int targets, int buckets, Random random)
    {
        var loads = new double[buckets];
        foreach (var size in TargetSizes.HeavyTailed(targets))
        {
            loads[random.Next(buckets)] += size;
        }

        Buckets.AddRange(loads.Select((load, bucket) => new PlacementBucket(new BucketKey(job, bucket), load)));
        return this;
    }

    /// <summary>A node leaves and comes back; returns the load that moved.</summary>
    public double Restart(string node)
    {
        Replace(node, one => one with { IsLeaving = true });
        var moved = Apply().Moves.Sum(move => move.Load);
        Nodes.RemoveAll(one => one.Name == node);
        Nodes.Add(new PlacementNode(node));
        return moved + Apply(Evening.Fill).Moves.Sum(move => move.Load);
    }

    public PlacementPlan Plan(Evening evens = Evening.Nothing, int budget = int.MaxValue)
    {
        return PlacementPlanner.Plan(new PlacementInput(Nodes, Buckets, Current, new PlacementRules(Replicas, evens, budget)) { Homes = _homes });
    }

    /// <param name="begun">How many of the planned moves, the largest, are made before somebody plans anew.</param>
    public PlacementPlan Apply(Evening evens = Evening.Nothing, int budget = int.MaxValue, int begun = int.MaxValue)
    {
        var plan = Plan(evens, budget);
        plan = plan with { Moves = [.. plan.Moves.OrderBy(move => move.Reason == MoveReason.Balance).ThenByDescending(move => move.Load).Take(begun)] };
        foreach (var move in plan.Moves)
        {
            if (move.Reason is MoveReason.Leaving or MoveReason.Orphaned)
            {
                _homes[move.Slot] = Current[move.Slot];
            }
            else
            {
                _homes.Remove(move.Slot);
            }

            Current[move.Slot] = move.To;
        }

        return plan;
    }

    public void Replace(string node, Func<PlacementNode, PlacementNode> change)
    {
        var index = Nodes.FindIndex(one => one.Name == node);
        Nodes[index] = change(Nodes[index]);
    }

    public double LoadOf(string node) => Current.Where(slot => slot.Value == node).Sum(slot => Buckets.Single(bucket => bucket.Key == slot.Key.Bucket).Load);
}
