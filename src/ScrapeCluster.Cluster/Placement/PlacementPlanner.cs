using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Placement;

/// <summary>
/// Decides who scrapes what. Pure and deterministic: the same input gives the same plan on every node. What has a place keeps it; what has none gets one,
/// largest first; only then, and only when asked, load is evened out.
/// </summary>
public static class PlacementPlanner
{
    public static PlacementPlan Plan(PlacementInput input)
    {
        var replicas = input.Rules.Replicas;
        var board = new PlacementBoard(input.Nodes, input.Buckets.Where(bucket => !bucket.IsQuarantined).Sum(bucket => bucket.Load) * replicas);
        var unplaced = new List<UnplacedSlot>();
        var homeless = Settle(input, board, unplaced);
        var moves = new List<SlotMove>();
        foreach (var one in homeless)
        {
            Place(one, input, board, moves, unplaced);
        }

        if (input.Rules.Evens != Evening.Nothing)
        {
            moves = Merge([.. moves, .. new Rebalancer(board).Run(input.Rules.Evens, input.Rules.MoveBudget)]);
        }

        var loads = Enumerable.Range(0, input.Nodes.Count).ToDictionary(node => input.Nodes[node].Name, board.LoadOf, StringComparer.Ordinal);
        return new PlacementPlan(moves, unplaced, loads, board.Average) { MinOverAverage = MinOverAverage(board) };
    }

    private static double MinOverAverage(PlacementBoard board)
    {
        var takers = Enumerable.Range(0, board.Nodes.Count).Where(board.TakesShare).ToList();
        return takers.Count > 0 && board.Average > 0 ? takers.Min(board.LoadOf) / board.Average : 1;
    }

    /// <summary>Leaves every slot where it is that may stay there; the others, largest first.</summary>
    private static List<Homeless> Settle(PlacementInput input, PlacementBoard board, List<UnplacedSlot> unplaced)
    {
        var homeless = new List<Homeless>();
        foreach (var bucket in input.Buckets.OrderBy(bucket => bucket.Key))
        {
            for (var number = 0; number < input.Rules.Replicas; number++)
            {
                var slot = new SlotKey(bucket.Key, number);
                if (bucket.IsQuarantined)
                {
                    unplaced.Add(new UnplacedSlot(slot, "quarantined: two nodes in a row died with it"));
                    continue;
                }

                var owner = input.Current.GetValueOrDefault(slot, "");
                var node = board.IndexOf(owner);
                var pin = number == 0 && bucket.Pin is { } wanted ? board.IndexOf(wanted) : -1;
                if (ReasonToMove(owner, node, pin, bucket.Key, board) is { } reason)
                {
                    homeless.Add(new Homeless(slot, bucket.Load, node, pin, reason));
                }
                else
                {
                    board.Put(node, Placed(slot, bucket.Load, pin >= 0, input, board));
                }
            }
        }

        return [.. homeless.OrderByDescending(one => one.Pin >= 0).ThenByDescending(one => one.Load).ThenBy(one => one.Slot)];
    }

    private static MoveReason? ReasonToMove(string owner, int node, int pin, BucketKey bucket, PlacementBoard board)
    {
        if (owner.Length == 0)
        {
            return MoveReason.New;
        }

        if (node < 0 || board.Holds(node, bucket))
        {
            return MoveReason.Orphaned;
        }

        if (board.Nodes[node].IsLeaving)
        {
            return MoveReason.Leaving;
        }

        return pin >= 0 && pin != node ? MoveReason.Pinned : null;
    }

    private static void Place(Homeless one, PlacementInput input, PlacementBoard board, List<SlotMove> moves, List<UnplacedSlot> unplaced)
    {
        var bucket = one.Slot.Bucket;
        var heir = one.Reason == MoveReason.Orphaned && input.Heirs.TryGetValue(one.Slot, out var name) ? board.IndexOf(name) : -1;
        var isPinned = one.Pin >= 0 && board.CanTake(one.Pin, bucket, one.Load);
        var to = isPinned ? one.Pin : board.BestFor(one.Slot, one.Load, heir, byLoad: one.Reason != MoveReason.New);
        var from = one.Node >= 0 && one.Reason != MoveReason.Orphaned ? board.Nodes[one.Node].Name : "";
        if (to >= 0 && to != one.Node)
        {
            board.Put(to, Placed(one.Slot, one.Load, isPinned, input, board));
            moves.Add(new SlotMove(one.Slot, from, board.Nodes[to].Name, one.Reason, one.Load));
            return;
        }

        // Nobody takes it: who has it keeps it, even one that wants to leave.
        if (from.Length > 0)
        {
            board.Put(one.Node, Placed(one.Slot, one.Load, isPinned: false, input, board));
        }

        if (to < 0)
        {
            unplaced.Add(new UnplacedSlot(one.Slot, WhyNot(one, board)));
        }
    }

    private static PlacedSlot Placed(SlotKey slot, double load, bool isPinned, PlacementInput input, PlacementBoard board) =>
        new(slot, load, isPinned, input.Homes.TryGetValue(slot, out var home) ? board.IndexOf(home) : -1);

    /// <summary>What was placed and then moved on goes straight to where it ends.</summary>
    private static List<SlotMove> Merge(IReadOnlyList<SlotMove> moves)
    {
        var bySlot = new Dictionary<SlotKey, SlotMove>();
        foreach (var move in moves)
        {
            bySlot[move.Slot] = bySlot.TryGetValue(move.Slot, out var first) ? first with { To = move.To } : move;
        }

        return [.. bySlot.Values.Where(move => move.From != move.To)];
    }

    private static string WhyNot(Homeless one, PlacementBoard board)
    {
        var takers = Enumerable.Range(0, board.Nodes.Count).Where(node => board.Nodes[node] is { TakesMore: true, IsLeaving: false }).ToList();
        if (takers.Count == 0)
        {
            return "no node takes more: all are cordoned or leaving";
        }

        return takers.TrueForAll(node => board.Holds(node, one.Slot.Bucket))
            ? $"each of the {takers.Count} nodes has another slot of it: start a node or lower cluster.replicas"
            : $"{one.Load:0} samples/s are more than any node has left: start a node or raise cluster.capacity";
    }

    /// <param name="Node">Where it is now; -1 when that node is gone.</param>
    /// <param name="Pin">-1 without one.</param>
    private sealed record Homeless(SlotKey Slot, double Load, int Node, int Pin, MoveReason Reason);
}
