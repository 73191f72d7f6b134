using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Placement;

/// <summary>
/// Evens out load by as little moved load as it takes. Nodes that have little, such as one that just came, get back what was taken over from them, and are filled;
/// nodes above the average are relieved. Which comes first decides what is left where heavy slots are among them, so each order is tried where the first does not
/// do, and the one is taken that leaves least uneven, then the one that moves least.
/// </summary>
internal sealed partial class Rebalancer(PlacementBoard board)
{
    /// <summary>Of what the nodes above the average have too much: with so little more, no other order is looked at.</summary>
    private const double NearIdeal = 1.01;

    private static readonly Order[] Orders = [new(HomeFirst: true, FillFirst: true), new(HomeFirst: true, FillFirst: false), new(false, false), new(false, FillFirst: true)];

    /// <summary>What was done since <see cref="Run"/> began, in this order.</summary>
    private readonly List<Step> _steps = [];

    private readonly record struct Order(bool HomeFirst, bool FillFirst);

    public IReadOnlyList<SlotMove> Run(Evening evens, int budget)
    {
        var ideal = Enumerable.Range(0, board.Nodes.Count).Sum(node => Math.Max(0, board.LoadOf(node) - board.Average));
        var best = (Unevenness: double.MaxValue, Load: double.MaxValue, Steps: (List<Step>)[]);
        foreach (var order in evens == Evening.Fill ? Orders.Take(1) : Orders)
        {
            EvenOut(order, evens, budget);
            var (unevenness, load) = (Unevenness(), Net().Sum(step => step.Slot.Load));
            if (unevenness < best.Unevenness || (unevenness == best.Unevenness && load < best.Load))
            {
                best = (unevenness, load, [.. _steps]);
            }

            Undo(_steps);
            _steps.Clear();
            if (best.Unevenness == 0 && best.Load <= ideal * NearIdeal)
            {
                break;
            }
        }

        best.Steps.ForEach(step => Move(step.Slot, step.From, step.To));
        return [.. Net().Select(step => new SlotMove(step.Slot.Key, board.Nodes[step.From].Name, board.Nodes[step.To].Name, MoveReason.Balance, step.Slot.Load))];
    }

    private void EvenOut(Order order, Evening evens, int budget)
    {
        var needy = Needy();
        if (order.HomeFirst)
        {
            BringHome(needy, budget);
        }

        if (order.FillFirst)
        {
            Fill(needy, budget);
        }

        if (evens == Evening.All || (evens == Evening.Newcomer && Unevenness() > 0))
        {
            Relieve(budget);
        }

        Fill(needy, budget);
    }

    private HashSet<int> Needy() => [.. Enumerable.Range(0, board.Nodes.Count).Where(node => board.TakesShare(node) && board.LoadOf(node) < board.Average * PlacementRules.StartBelow)];

    /// <summary>How far, in averages, the worst nodes are beyond what is even; 0 = all are.</summary>
    private double Unevenness()
    {
        if (board.Average <= 0)
        {
            return 0;
        }

        var (most, least) = (0.0, board.Average);
        for (var node = 0; node < board.Nodes.Count; node++)
        {
            most = board.Nodes[node].IsLeaving ? most : Math.Max(most, board.LoadOf(node));
            least = board.TakesShare(node) ? Math.Min(least, board.LoadOf(node)) : least;
        }

        return Math.Max(0, (most / board.Average) - PlacementRules.EvenBelow) + Math.Max(0, PlacementRules.EvenAbove - (least / board.Average));
    }

    /// <summary>What was moved twice goes straight to where it ends, what came back stays.</summary>
    private IEnumerable<Step> Net()
    {
        var net = new Dictionary<SlotKey, Step>(_steps.Count);
        foreach (var step in _steps)
        {
            net[step.Slot.Key] = net.TryGetValue(step.Slot.Key, out var first) ? first with { To = step.To } : step;
        }

        return net.Values.Where(step => step.From != step.To);
    }

    private void Undo(List<Step> steps)
    {
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            board.Move(steps[i].Slot, steps[i].To, steps[i].From);
        }
    }

    private sealed record Step(PlacedSlot Slot, int From, int To);
}
