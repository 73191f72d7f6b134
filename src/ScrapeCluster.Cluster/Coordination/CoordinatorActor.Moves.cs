using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Sending;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>Planned moves: prepare, commit, settle.</summary>
public sealed partial class CoordinatorActor
{
    private static readonly TimeSpan RingTimeout = TimeSpan.FromSeconds(1);

    /// <param name="Answer">Null when the node did not answer; its moves expire.</param>
    private sealed record PrepareEnded(string Node, PrepareAnswer? Answer, Exception? Cause);

    private void Want(PlacementPlan plan)
    {
        _moves.Want(plan.Moves.Where(move => move.From.Length > 0 && !_growing.Contains(move.Slot.Bucket.Job)), Now);
        BeginMoves();
    }

    private void BeginMoves()
    {
        if (!_isLoaded || !Leads || Now < _movesFrom)
        {
            return;
        }

        var begun = _moves.Begin(Now, move => Verdict(move) == MoveVerdict.Waits);
        _metrics.BegunLate.Add((long)begun.Count(move => Verdict(move) == MoveVerdict.BeginsLate));
        foreach (var group in begun.GroupBy(move => move.To, StringComparer.Ordinal))
        {
            if (_ledger.Find(group.Key) is { } member)
            {
                Prepare(member, [.. group]);
            }
        }
    }

    /// <summary>By what the old owner still has to send.</summary>
    private MoveVerdict Verdict(SlotMove move) => MovePatience.Of(
        move.Reason,
        _reports.SendLagOf(move.From),
        _terms.Sending.LagLimit,
        _leavingSince.TryGetValue(move.From, out var since) ? Now - since : TimeSpan.Zero,
        _terms.DrainTimeout);

    /// <summary>The nodes from which moves wait, and why.</summary>
    private Dictionary<string, string> HeldBack(IReadOnlyList<SlotMove> moves) => moves
        .Where(move => Verdict(move) == MoveVerdict.Waits)
        .Select(move => move.From)
        .Distinct(StringComparer.Ordinal)
        .ToDictionary(node => node, node => MovePatience.Told(node, _reports.SendLagOf(node), _terms.Sending.LagLimit), StringComparer.Ordinal);

    private void Prepare(Member to, IReadOnlyList<SlotMove> moves)
    {
        var request = new PrepareRequest { Epoch = _epoch };
        request.Slots.AddRange(moves.Select(move => Write(move.Slot)));
        _context.Peers.CallAsync(
                new PeerAddress(to.Node, to.Address), PeerMethods.Prepare, request, PrepareAnswer.Parser, _terms.Moves.PrepareWithin, CancellationToken.None)
            .PipeTo(Self, Self, answer => new PrepareEnded(to.Node, answer, null), cause => new PrepareEnded(to.Node, null, cause));
    }

    private void Take(PrepareEnded ended)
    {
        if (ended.Answer is not { } answer)
        {
            LogNotPrepared(ended.Node, ended.Cause!.Message);
            return;
        }

        if (answer.Fault.Length > 0)
        {
            LogNotPrepared(ended.Node, answer.Fault);
        }

        foreach (var slot in answer.Prepared)
        {
            _moves.Prepared(new SlotKey(new BucketKey(slot.Job, slot.Bucket), slot.Slot), ended.Node, Now);
        }

        Decide();
    }

    private void MovesCommitted(Draft draft)
    {
        _moves.Cancel(draft.Cancelled.Contains);
        if (draft.Moved.Count == 0)
        {
            return;
        }

        _moves.Committed(draft.Moved.Select(move => move.Slot), Now);
        _metrics.Moved(draft.Moved);
        var ring = new RingRequest { Epoch = _epoch, Version = _ledger.Version };
        foreach (var node in draft.Moved.SelectMany(move => (string[])[move.From, move.To]).Distinct(StringComparer.Ordinal))
        {
            if (_ledger.Find(node) is { } member)
            {
                // Lost or not: the doorbell and the next heartbeat say the same.
                _context.Peers.CallAsync(new PeerAddress(member.Node, member.Address), PeerMethods.Ring, ring, Empty.Parser, RingTimeout, CancellationToken.None)
                    .ContinueWith(static call => _ = call.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }
        }
    }

    /// <summary>A move is over when its old owner acts on the row and has nothing left of the slot.</summary>
    private void Settle(string node)
    {
        if (_reports.Of(node) is not { Slots: { } slots } report)
        {
            return;
        }

        var over = _moves.InFlight
            .Where(move => move.From == node && !slots.Contains(move.Slot) && _ledger.Rows.TryGetValue(move.Slot, out var row) && row.Owner == move.To && report.Applied >= row.Version)
            .ToList();
        over.ForEach(move => _moves.Settled(move.Slot));
        if (over.Count > 0)
        {
            BeginMoves();
        }
    }

    private void Abandon(IReadOnlyList<SlotMove> abandoned)
    {
        if (abandoned.Count > 0)
        {
            LogAbandoned(abandoned.Count, abandoned[0].Slot, abandoned[0].To);
            _planIsDue = true;
        }
    }

    private SlotMessage Write(SlotKey slot) => new()
    {
        Job = slot.Bucket.Job,
        Bucket = slot.Bucket.Bucket,
        Slot = slot.Slot,
        Count = _ledger.Counts.GetValueOrDefault(slot.Bucket.Job),
    };
}
