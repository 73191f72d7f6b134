namespace ScrapeCluster.Cluster.Placement;

/// <summary>The kinds of moves that even out, one after the other, each for the node that needs it most.</summary>
internal sealed partial class Rebalancer
{
    /// <summary>As it was before the node went; but from who has no more than its share nothing is taken while others have more.</summary>
    private void BringHome(HashSet<int> needy, int budget)
    {
        var away = Enumerable.Range(0, board.Nodes.Count)
            .SelectMany(from => board.SlotsOf(from).Where(slot => slot.Home != from && needy.Contains(slot.Home) && !slot.IsPinned && slot.Load > 0).Select(slot => (From: from, Slot: slot)))
            .OrderByDescending(one => one.Slot.Load).ThenBy(one => one.Slot.Key)
            .ToList();
        foreach (var (from, slot) in away.TakeWhile(_ => _steps.Count < budget))
        {
            if (board.LoadOf(slot.Home) + slot.Load <= board.Average * PlacementRules.StopAt
                && board.LoadOf(from) - slot.Load >= board.Average * (from == MostLoaded([]) ? PlacementRules.StartBelow : PlacementRules.FillTo)
                && MayGo(slot, from, slot.Home))
            {
                Move(slot, from, slot.Home);
            }
        }
    }

    /// <summary>
    /// From the most loaded to the least loaded node, each time the largest slot that takes neither of them across the average, so that what moves is what has to
    /// leave the nodes above it. Where only larger slots are left, the smallest one that still lowers the higher of the two; where none does, one is exchanged for
    /// smaller ones.
    /// </summary>
    private void Relieve(int budget)
    {
        var stuck = new HashSet<int>();
        while (_steps.Count < budget && MostLoaded(stuck) is var from and >= 0 && board.LoadOf(from) > board.Average * PlacementRules.StopAt)
        {
            if (!TryRelieve(from) && !TryExchange(from, budget))
            {
                stuck.Add(from);
            }
        }
    }

    private bool TryRelieve(int from)
    {
        var slots = board.SlotsOf(from).Where(slot => !slot.IsPinned && slot.Load > 0).OrderByDescending(slot => slot.Load).ThenBy(slot => slot.Key).ToList();
        var takers = Takers(from);
        foreach (var to in takers)
        {
            var gap = Math.Min(board.LoadOf(from) - board.Average, board.Average - board.LoadOf(to));
            if (slots.Find(slot => slot.Load <= gap && MayGo(slot, from, to)) is { } fitting)
            {
                return Move(fitting, from, to);
            }
        }

        foreach (var to in takers)
        {
            if (slots.FindLast(slot => board.LoadOf(to) + slot.Load < board.LoadOf(from) && MayGo(slot, from, to)) is { } smallest)
            {
                return Move(smallest, from, to);
            }
        }

        return false;
    }

    private List<int> Takers(int from) =>
        [.. Enumerable.Range(0, board.Nodes.Count).Where(node => node != from && board.LoadOf(node) < board.Average).OrderBy(board.LoadOf)];

    /// <summary>Of those that had little, the ones that still have; from nodes at the average, too.</summary>
    private void Fill(HashSet<int> needy, int budget)
    {
        var empty = Needy();
        empty.IntersectWith(needy);
        while (_steps.Count < budget && empty.Count > 0)
        {
            var to = empty.MinBy(board.LoadOf);
            if (board.LoadOf(to) >= board.Average * PlacementRules.FillTo || !TryFill(to))
            {
                empty.Remove(to);
            }
        }
    }

    private bool TryFill(int to)
    {
        var floor = board.Average * PlacementRules.FillTo;
        var room = board.Average - board.LoadOf(to);
        var givers = Enumerable.Range(0, board.Nodes.Count).Where(node => node != to && board.LoadOf(node) > floor).OrderByDescending(board.LoadOf);
        foreach (var from in givers)
        {
            var most = Math.Min(room, board.LoadOf(from) - floor);
            var largest = board.SlotsOf(from).Where(slot => !slot.IsPinned && slot.Load > 0 && slot.Load <= most && MayGo(slot, from, to))
                .OrderByDescending(slot => slot.Load).ThenBy(slot => slot.Key).FirstOrDefault();
            if (largest is not null)
            {
                return Move(largest, from, to);
            }
        }

        return false;
    }

    private bool MayGo(PlacedSlot slot, int from, int to)
    {
        return board.CanTake(to, slot.Key.Bucket, slot.Load)
            && (!board.SharesZone(to, slot.Key.Bucket, except: from) || board.SharesZone(from, slot.Key.Bucket, except: from));
    }

    private bool Move(PlacedSlot slot, int from, int to)
    {
        board.Move(slot, from, to);
        _steps.Add(new Step(slot, from, to));
        return true;
    }

    private int MostLoaded(HashSet<int> except)
    {
        var most = -1;
        for (var node = 0; node < board.Nodes.Count; node++)
        {
            if (!board.Nodes[node].IsLeaving && !except.Contains(node) && (most < 0 || board.LoadOf(node) > board.LoadOf(most)))
            {
                most = node;
            }
        }

        return most;
    }
}
