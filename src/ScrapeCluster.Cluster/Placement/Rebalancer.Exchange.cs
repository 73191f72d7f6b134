namespace ScrapeCluster.Cluster.Placement;

/// <summary>
/// Heavy slots that met on one node: each alone is more than anybody has room for. One goes to a node that has little, which passes on smaller ones, first of all
/// back. What is given for it is the least that makes the two even.
/// </summary>
internal sealed partial class Rebalancer
{
    // Bounds of the search. The lightest of the slots and the least loaded of the nodes are the ones that fit.
    private const int MostSlots = 16;
    private const int MostTakers = 8;

    /// <summary>Of the average; for less it is not worth its moves.</summary>
    private const double LeastGain = 0.01;

    private bool TryExchange(int from, int budget)
    {
        var slots = board.SlotsOf(from).Where(slot => !slot.IsPinned && slot.Load > 0).OrderBy(slot => slot.Load).ThenBy(slot => slot.Key).Take(MostSlots).ToList();
        List<int> takers = [.. Takers(from).Take(MostTakers)];
        var best = (Unevenness: board.LoadOf(from) - (board.Average * (1 + LeastGain)), Load: double.MaxValue, Steps: (List<Step>?)null);
        foreach (var to in takers)
        {
            foreach (var slot in slots.Where(slot => MayGo(slot, from, to)))
            {
                var steps = Exchange(slot, from, to, [from, .. takers], budget - _steps.Count);

                // Within what counts as even, the one that moves least.
                var unevenness = Math.Max(UnevennessOf(from, to), board.Average * (PlacementRules.StopAt - 1));
                var load = steps.Sum(step => step.Slot.Load);
                Undo(steps);
                if (unevenness < best.Unevenness || (unevenness == best.Unevenness && load < best.Load))
                {
                    best = (unevenness, load, steps);
                }
            }
        }

        best.Steps?.ForEach(step => Move(step.Slot, step.From, step.To));
        return best.Steps is not null;
    }

    private List<Step> Exchange(PlacedSlot slot, int from, int to, List<int> receivers, int budget)
    {
        var steps = new List<Step>();
        Take(slot, from, to);
        var rest = board.SlotsOf(to).Where(one => one.Key != slot.Key && !one.IsPinned && one.Load > 0).OrderByDescending(one => one.Load).ThenBy(one => one.Key).ToList();
        foreach (var one in rest)
        {
            if (steps.Count == budget || board.LoadOf(to) <= board.Average * PlacementRules.StopAt)
            {
                break;
            }

            if (board.LoadOf(to) - one.Load < board.Average * PlacementRules.FillTo)
            {
                continue;
            }

            var receiver = receivers.FindIndex(node => node != to && board.LoadOf(node) + one.Load <= board.Average * PlacementRules.StopAt && MayGo(one, to, node));
            if (receiver >= 0)
            {
                Take(one, to, receivers[receiver]);
            }
        }

        return steps;

        void Take(PlacedSlot taken, int giver, int taker)
        {
            board.Move(taken, giver, taker);
            steps.Add(new Step(taken, giver, taker));
        }
    }

    private double UnevennessOf(int one, int other) =>
        Math.Max(Math.Max(board.LoadOf(one), board.LoadOf(other)) - board.Average, board.Average - Math.Min(board.LoadOf(one), board.LoadOf(other)));
}
