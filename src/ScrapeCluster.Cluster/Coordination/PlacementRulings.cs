using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>
/// Who gets what has no owner, in the same commit as what took the owner away; the commit point of planned moves; quarantine. Pure.
/// </summary>
internal static class PlacementRulings
{
    public static void Apply(Situation situation, Draft draft)
    {
        CommitMoves(situation, draft);
        Release(situation, draft);
        if (situation.IsOpen && (situation.PlanIsDue || draft.AsksForPlan))
        {
            Place(situation, draft);
        }

        if (draft.Plan is not null || draft.Died.Count > 0)
        {
            NoteDeaths(situation, draft);
        }
    }

    /// <summary>What a plan is made from. Slots on their way count as being where they go.</summary>
    public static PlacementInput InputOf(Situation situation, Draft draft, Evening evens)
    {
        var loads = BucketLoads.Of(draft.AllSets(), situation.Reports.Measured).ByBucket;
        var quarantined = Quarantined(situation, draft);
        var current = draft.AllRows().ToDictionary(row => row.Slot, row => row.Owner);
        foreach (var move in situation.Moves.InFlight)
        {
            if (current.TryGetValue(move.Slot, out var owner) && owner == move.From)
            {
                current[move.Slot] = move.To;
            }
        }

        return new PlacementInput(
            Nodes(situation, draft),
            [.. loads.Select(bucket => new PlacementBucket(
                bucket.Key, bucket.Value, situation.Ledger.Pins.GetValueOrDefault(bucket.Key), quarantined.Contains(bucket.Key)))],
            current,
            new PlacementRules(situation.Terms.Replicas, evens, situation.Terms.MoveBudget))
        {
            Heirs = situation.Reports.Heirs(),
            Homes = Absences.HomesOf(draft.AllRows()),
        };
    }

    /// <summary>Buckets whose rows say so, and that nobody has released.</summary>
    private static HashSet<BucketKey> Quarantined(Situation situation, Draft draft)
    {
        return [.. draft.AllRows()
            .Where(row => row.Owner.Length == 0 && RowReasons.IsQuarantined(row.Reason) && !situation.Ledger.Pins.ContainsKey(row.Slot.Bucket) && !Suspicion.IsOver(row, situation.Now))
            .Select(row => row.Slot.Bucket)];
    }

    private static List<PlacementNode> Nodes(Situation situation, Draft draft)
    {
        var owners = draft.AllRows().Select(row => row.Owner).ToHashSet(StringComparer.Ordinal);
        var nodes = new List<PlacementNode>();
        foreach (var member in situation.Ledger.Members)
        {
            var state = draft.StateOf(member);

            // One that joins anew under its old name still has its rows, and must not lose them by that.
            if (state is MemberState.Up or MemberState.Leaving || (state == MemberState.Joining && owners.Contains(member.Node)))
            {
                nodes.Add(new PlacementNode(
                    member.Node, member.Zone, member.Capacity, TakesMore: state == MemberState.Up && !member.IsCordoned, IsLeaving: state == MemberState.Leaving));
            }
        }

        return nodes;
    }

    /// <summary>Both owners are up and the row is as it was when the move began: from here on it is only rolled forward.</summary>
    private static void CommitMoves(Situation situation, Draft draft)
    {
        var (ready, at) = situation.Moves.Ready(situation.Now + situation.CommitTakes);
        foreach (var move in ready)
        {
            var to = situation.Ledger.Find(move.To);
            if (draft.RowOf(move.Slot) is { } row && row.Owner == move.From && to is not null && draft.StateOf(to) == MemberState.Up && !draft.Died.ContainsKey(move.From))
            {
                draft.Put(move.Slot, row.Count, move.To, move.From, at, RowReasons.Of(move.Reason));
                draft.Moved.Add(move);
            }
            else
            {
                draft.Cancelled.Add(move);
            }
        }

        foreach (var group in draft.Moved.GroupBy(move => (move.From, move.To, move.Reason)))
        {
            draft.Note("move", group.Key.To, $"from {group.Key.From}, {RowReasons.Of(group.Key.Reason)}: {Listed([.. group.Select(move => move.Slot)])}, at {at:O}");
        }
    }

    /// <summary>The row first, and whoever takes it after that: it stays released when nobody can, and when the next leader decides that.</summary>
    private static void Release(Situation situation, Draft draft)
    {
        foreach (var bucket in situation.Releases.Distinct())
        {
            var held = draft.AllRows().Where(row => row.Slot.Bucket == bucket && row.Owner.Length == 0 && RowReasons.IsQuarantined(row.Reason)).ToList();
            foreach (var row in held)
            {
                draft.Put(row.Slot, row.Count, "", "", situation.Now, RowReasons.Released);
                draft.Note("release", row.Slot.ToString(), $"let out of quarantine by an operator; it was {row.Reason}");
            }

            draft.Released[bucket] = [.. held.Select(row => row.Slot)];
        }
    }

    private static void Place(Situation situation, Draft draft)
    {
        Suspect(situation, draft);
        draft.Plan = PlacementPlanner.Plan(InputOf(situation, draft, situation.Evens));
        foreach (var move in draft.Plan.Moves.Where(move => move.From.Length == 0))
        {
            Take(move, situation, draft);
        }

        Leave(draft.Plan.Unplaced, situation, draft);
        DropUnwanted(situation, draft);

        var taken = draft.Plan.Moves.Where(move => move.Reason == MoveReason.New).ToList();
        if (taken.Count > 0)
        {
            draft.Note("place", "", $"{Listed([.. taken.Select(move => move.Slot)])} on {taken.Select(move => move.To).Distinct().Count()} nodes");
        }
    }

    /// <summary>Also of what nobody has: every node takes from the rows how often targets are scraped, since the leader's setting counts.</summary>
    private static void DropUnwanted(Situation situation, Draft draft)
    {
        var replicas = situation.Terms.Replicas;
        foreach (var row in draft.AllRows().Where(row => row.Slot.Slot >= replicas && (row.Owner.Length > 0 || !RowReasons.IsUnwanted(row.Reason))).ToList())
        {
            draft.Put(row.Slot, row.Count, "", "", situation.Now, RowReasons.Unwanted(replicas));
        }

        ForgetUnwanted(situation, draft);
    }

    /// <summary>Rows that are not wanted go once every member has read that they are not: one that went unseen would be scraped on.</summary>
    private static void ForgetUnwanted(Situation situation, Draft draft)
    {
        var unwanted = situation.Ledger.Rows.Values
            .Where(row => row.Slot.Slot >= situation.Terms.Replicas && row.Owner.Length == 0 && RowReasons.IsUnwanted(row.Reason) && draft.RowOf(row.Slot) == row)
            .ToList();
        if (unwanted.Count > 0)
        {
            var read = situation.Ledger.Members.Where(member => draft.StateOf(member) != MemberState.Down)
                .Select(member => situation.Reports.HasReported(member) ? situation.Reports.Of(member.Node)!.Applied : 0)
                .DefaultIfEmpty(0)
                .Min();
            draft.Forgotten.UnionWith(unwanted.Where(row => row.Version <= read).Select(row => row.Slot));
        }
    }

    /// <summary>Who died soon after taking a bucket leaves it under suspicion; the second in a row, in quarantine.</summary>
    private static void Suspect(Situation situation, Draft draft)
    {
        foreach (var row in draft.AllRows().Where(row => draft.Died.ContainsKey(row.Owner) && RowReasons.IsSuspected(row.Reason) && DiedSoon(row, situation, draft)).ToList())
        {
            draft.Put(row.Slot, row.Count, "", row.Owner, situation.Now, RowReasons.Quarantined(row.Previous.Length > 0 ? row.Previous : "its owner before", row.Owner));
            draft.Note("quarantine", row.Slot.ToString(), $"{row.Owner} died soon after taking it, as its owner before did");
        }
    }

    private static bool DiedSoon(Assignment row, Situation situation, Draft draft)
    {
        var slowest = draft.SetOf(new BucketRef(row.Slot.Bucket, row.Count)).SlowestInterval;
        return Suspicion.DiedSoon(row, situation.Reports.Of(row.Owner)?.Applied ?? 0, slowest, situation.Now);
    }

    private static void Take(SlotMove move, Situation situation, Draft draft)
    {
        var row = draft.RowOf(move.Slot);
        if (row is not { Owner.Length: > 0 })
        {
            var isSuspect = row is not null && (RowReasons.IsQuarantined(row.Reason) || row.Reason == RowReasons.Released);
            draft.Put(move.Slot, draft.CountOf(move.Slot.Bucket.Job), move.To, "", situation.Now, isSuspect ? RowReasons.Released : RowReasons.Of(move.Reason));
            return;
        }

        var isSuspected = draft.Died.ContainsKey(row.Owner) && DiedSoon(row, situation, draft);
        draft.Put(move.Slot, row.Count, move.To, row.Owner, situation.Now, RowReasons.Orphaned(row.Owner, isSuspected));
    }

    /// <summary>A row without owner, so that every node can say why a target is not scraped. Who is alive keeps what nobody else takes.</summary>
    private static void Leave(IReadOnlyList<UnplacedSlot> unplaced, Situation situation, Draft draft)
    {
        var left = new List<UnplacedSlot>();
        foreach (var one in unplaced)
        {
            var row = draft.RowOf(one.Slot);
            if (row is null || RowReasons.IsUnwanted(row.Reason) || (row.Owner.Length > 0 && !draft.IsAlive(row.Owner)))
            {
                draft.Put(one.Slot, draft.CountOf(one.Slot.Bucket.Job), "", row?.Owner ?? "", situation.Now, one.Reason);
                left.Add(one);
            }
        }

        foreach (var group in left.GroupBy(one => one.Reason, StringComparer.Ordinal))
        {
            draft.Note("unplaced", "", $"{Listed([.. group.Select(one => one.Slot)])}: {group.Key}");
        }
    }

    /// <summary>One event for each node that lost its slots, however many they are.</summary>
    private static void NoteDeaths(Situation situation, Draft draft)
    {
        var lost = situation.Ledger.Rows.Values
            .Where(row => row.Owner.Length > 0 && draft.Rows.TryGetValue(row.Slot, out var now) && now.Previous == row.Owner && !draft.IsAlive(row.Owner))
            .ToLookup(row => row.Owner, StringComparer.Ordinal);
        foreach (var (node, reason) in draft.Died)
        {
            draft.Note("death", node, $"{reason}; {TakenOver(lost[node], draft)}");
        }

        foreach (var group in lost.Where(group => !draft.Died.ContainsKey(group.Key)))
        {
            draft.Note("take-over", group.Key, TakenOver(group, draft));
        }
    }

    private static string TakenOver(IEnumerable<Assignment> rows, Draft draft)
    {
        var owners = rows.Select(row => draft.Rows[row.Slot].Owner).ToList();
        var left = owners.Count(owner => owner.Length == 0);
        return $"{owners.Count - left} slots taken over by {owners.Where(owner => owner.Length > 0).Distinct().Count()} nodes{(left > 0 ? $", {left} by nobody" : "")}";
    }

    private static string Listed(IReadOnlyList<SlotKey> slots)
    {
        const int Shown = 5;
        return $"{slots.Count} slots ({string.Join(", ", slots.Take(Shown))}{(slots.Count > Shown ? ", ..." : "")})";
    }
}
