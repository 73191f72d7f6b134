using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Moves;

/// <summary>
/// The planned moves of one leader, from wanted to settled. Before the commit a move can be abandoned without a trace; after it, it is only rolled forward.
/// A move whose nodes change under it is abandoned and planned anew.
/// </summary>
/// <remarks>Pure. Nothing of it is stored: a new leader plans from the committed rows.</remarks>
public sealed class MoveQueue(MoveTerms terms)
{
    private readonly Dictionary<SlotKey, PlannedMove> _moves = [];

    private enum Stage
    {
        Wanted,
        Preparing,
        Ready,
        Committed,
    }

    private sealed record PlannedMove(SlotMove Move, Stage Stage, DateTimeOffset Since);

    /// <summary>Moves that have begun; placement counts their slots as moved.</summary>
    public IEnumerable<SlotMove> InFlight => _moves.Values.Where(move => move.Stage != Stage.Wanted).Select(move => move.Move);

    /// <summary>Moves that have not begun.</summary>
    public IEnumerable<SlotMove> Wanted => _moves.Values.Where(move => move.Stage == Stage.Wanted).Select(move => move.Move);

    public int Waiting => _moves.Values.Count(move => move.Stage == Stage.Wanted);

    /// <summary>Replaces what has not begun yet by a newer plan.</summary>
    public void Want(IEnumerable<SlotMove> moves, DateTimeOffset now)
    {
        foreach (var slot in _moves.Values.Where(move => move.Stage == Stage.Wanted).Select(move => move.Move.Slot).ToList())
        {
            _moves.Remove(slot);
        }

        foreach (var move in moves)
        {
            _moves.TryAdd(move.Slot, new PlannedMove(move, Stage.Wanted, now));
        }
    }

    /// <summary>
    /// Moves to begin now, by telling the new owner to prepare: pins and leaving nodes first, then the largest. No node gives and takes at the same time: what it
    /// takes is not sent on to receivers before its old owner has sent all, and what it gives not before that, so two that exchange slots would wait for each other.
    /// </summary>
    /// <param name="waits">Those that may not begin yet; null when all may.</param>
    public IReadOnlyList<SlotMove> Begin(DateTimeOffset now, Func<SlotMove, bool>? waits = null)
    {
        var busy = new Dictionary<string, int>(StringComparer.Ordinal);
        var givers = new HashSet<string>(StringComparer.Ordinal);
        var takers = new HashSet<string>(StringComparer.Ordinal);
        var total = 0;
        foreach (var move in InFlight)
        {
            Count(busy, move);
            givers.Add(move.From);
            takers.Add(move.To);
            total++;
        }

        var begun = new List<SlotMove>();
        foreach (var wanted in _moves.Values.Where(move => move.Stage == Stage.Wanted && waits?.Invoke(move.Move) != true)
            .OrderBy(move => move.Move.Reason == MoveReason.Balance).ThenByDescending(move => move.Move.Load).ThenBy(move => move.Move.Slot).ToList())
        {
            if (total == terms.Total)
            {
                break;
            }

            var isFree = !takers.Contains(wanted.Move.From) && !givers.Contains(wanted.Move.To);

            // Also of one that must wait: else those behind it could stand in its way for ever.
            givers.Add(wanted.Move.From);
            takers.Add(wanted.Move.To);
            if (isFree && busy.GetValueOrDefault(wanted.Move.From) < terms.PerNode && busy.GetValueOrDefault(wanted.Move.To) < terms.PerNode)
            {
                Count(busy, wanted.Move);
                total++;
                _moves[wanted.Move.Slot] = wanted with { Stage = Stage.Preparing, Since = now };
                begun.Add(wanted.Move);
            }
        }

        return begun;
    }

    public void Prepared(SlotKey slot, string node, DateTimeOffset now)
    {
        if (_moves.TryGetValue(slot, out var move) && move.Stage == Stage.Preparing && move.Move.To == node)
        {
            _moves[slot] = move with { Stage = Stage.Ready, Since = now };
        }
    }

    /// <summary>What can be committed now, with the instant T.</summary>
    public (IReadOnlyList<SlotMove> Moves, DateTimeOffset At) Ready(DateTimeOffset now)
    {
        return ([.. _moves.Values.Where(move => move.Stage == Stage.Ready).Select(move => move.Move).OrderBy(move => move.Slot)], now + terms.Lead);
    }

    public void Committed(IEnumerable<SlotKey> slots, DateTimeOffset now)
    {
        foreach (var slot in slots)
        {
            if (_moves.TryGetValue(slot, out var move))
            {
                _moves[slot] = move with { Stage = Stage.Committed, Since = now };
            }
        }
    }

    /// <summary>The old owner has handed over, or was never there.</summary>
    public void Settled(SlotKey slot)
    {
        if (_moves.TryGetValue(slot, out var move) && move.Stage == Stage.Committed)
        {
            _moves.Remove(slot);
        }
    }

    /// <summary>Gives up what takes too long; returns the moves that were abandoned before their commit, whose new owners may forget them.</summary>
    public IReadOnlyList<SlotMove> Expire(DateTimeOffset now)
    {
        foreach (var slot in _moves.Values.Where(move => move.Stage == Stage.Committed && now - move.Since > terms.SettleWithin).Select(move => move.Move.Slot).ToList())
        {
            _moves.Remove(slot);
        }

        return Abandon(move => move.Stage == Stage.Preparing && now - move.Since > terms.PrepareWithin);
    }

    /// <summary>A node died or left: its moves are off, or over.</summary>
    public IReadOnlyList<SlotMove> NodeGone(string node)
    {
        foreach (var slot in _moves.Values.Where(move => move.Stage == Stage.Committed && Concerns(move, node)).Select(move => move.Move.Slot).ToList())
        {
            _moves.Remove(slot);
        }

        return Abandon(move => Concerns(move, node));
    }

    /// <summary>Gives up moves that make no sense any more, unless they are committed.</summary>
    public void Cancel(Func<SlotMove, bool> which) => Abandon(move => which(move.Move));

    private static bool Concerns(PlannedMove move, string node) => move.Move.From == node || move.Move.To == node;

    private static void Count(Dictionary<string, int> busy, SlotMove move)
    {
        busy[move.From] = busy.GetValueOrDefault(move.From) + 1;
        busy[move.To] = busy.GetValueOrDefault(move.To) + 1;
    }

    private List<SlotMove> Abandon(Func<PlannedMove, bool> which)
    {
        var abandoned = _moves.Values.Where(move => move.Stage != Stage.Committed && which(move)).Select(move => move.Move).ToList();
        abandoned.ForEach(move => _moves.Remove(move.Slot));
        return abandoned;
    }
}
