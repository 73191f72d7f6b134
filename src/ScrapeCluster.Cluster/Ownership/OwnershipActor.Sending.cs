using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Sending;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>
/// The order of samples at receivers of remote write, over a planned move:
/// <code>
/// new owner: from shortly before T on reads its log no further for sending
/// old owner: last scrape stored -> all that is in its log is sent at once -> says so to the new owner, which reads on
/// </code>
/// Slots that move together are sent and told together, so hundreds of them cost some requests a node. Each hold is a place in the log of its own: what is held there
/// waits for that one move, and for <see cref="SendingTerms.HandOverWithin"/> at most, however many follow. Nobody gives and takes at the same time
/// (<see cref="Moves.MoveQueue"/>), so no two nodes wait for each other.
/// </summary>
public sealed partial class OwnershipActor
{
    /// <summary>With the usual lead of a move it begins when the row is read, before anybody can scrape by it, and no timer has to be in time.</summary>
    private static readonly TimeSpan HoldAhead = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SentWithin = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(SlotKey Slot, long Version), SlotHold> _holds = [];
    private readonly List<SentTo> _toPush = [];
    private readonly Dictionary<long, Push> _pushes = [];
    private readonly SentOutbox _sent;
    private long _pushCount;

    /// <summary>A slot that was given away and whose last samples are in the log.</summary>
    private readonly record struct SentTo(string To, SentSlotOf Slot);

    private sealed record Push(IReadOnlyList<SentTo> Slots)
    {
        public int Queues { get; set; }

        public bool IsComplete { get; set; } = true;
    }

    private sealed record QueuePushed(long Push, string Queue, bool IsComplete);

    private sealed record SentEnded(string To, string Queue, bool Arrived);

    private SendingTerms Sending => _context.Terms.Sending;

    /// <summary>Slots whose last samples some receiver does not have yet.</summary>
    private int Unsent => _toPush.Count + _pushes.Values.Sum(push => push.Slots.Count);

    /// <summary>The row came by a planned move: another node that lives scrapes the slot until the instant.</summary>
    private void AwaitSent(HeldSlot slot)
    {
        // A row of long ago is read again after a restart: whoever had the slot before has sent everything since.
        var ago = Now - slot.Rules.Row!.EffectiveAt;
        if (slot.Rules.AwaitsLines && Sending.HandOverWithin > TimeSpan.Zero && ago < Sending.HandOverWithin)
        {
            var hold = new SlotHold(slot.Rules.Row.Previous, Steady - ago, HoldAhead, Sending.HandOverWithin);
            _holds[(slot.Key, slot.Rules.Row.Version)] = hold;
            BeginIfDue(hold, Steady);
        }
    }

    /// <summary>At every tick.</summary>
    private void TickHolds(DateTimeOffset steady)
    {
        EndHolds((_, hold) => hold.IsExpired(steady), HoldEnd.Late);
        foreach (var hold in _holds.Values)
        {
            BeginIfDue(hold, steady);
        }
    }

    private void BeginIfDue(SlotHold hold, DateTimeOffset steady)
    {
        if (!hold.IsDue(steady))
        {
            return;
        }

        var number = _context.Sending.Hold(hold.Rest(steady));
        foreach (var queue in hold.Begin(number))
        {
            _context.Sending.Release(number, queue);
        }
    }

    private void EndHolds(Func<SlotKey, SlotHold, bool> which, HoldEnd end)
    {
        foreach (var key in _holds.Where(entry => which(entry.Key.Slot, entry.Value)).Select(entry => entry.Key).ToList())
        {
            EndHold(key, end);
        }
    }

    private void EndHold((SlotKey Slot, long Version) key, HoldEnd end)
    {
        if (_holds.Remove(key, out var hold) && hold.Number is { } number)
        {
            _context.Sending.Release(number);
            _metrics.HoldEnded(end);
        }
    }

    /// <summary>The slot is another's by a newer row. What was scraped of it here still waits for the owner before; if nothing was, nobody waits.</summary>
    private void PassOnHold(SlotKey slot)
    {
        var steady = Steady;
        EndHolds((held, hold) => held == slot && hold.IsBefore(steady), HoldEnd.Overtaken);
    }

    /// <summary>The owner before has sent what it had; or a queue of it has.</summary>
    private void HearSent(SentRequest request)
    {
        foreach (var sent in request.Slots)
        {
            var key = (WireSlots.Read(sent.Slot), sent.Version);
            if (request.Queue.Length == 0)
            {
                EndHold(key, HoldEnd.Sent);
            }
            else if (_holds.TryGetValue(key, out var hold))
            {
                if (hold.Number is { } number)
                {
                    _context.Sending.Release(number, request.Queue);
                }
                else
                {
                    hold.FreeAhead(request.Queue);
                }
            }
        }

        Sender.Tell(new Empty(), Self);
    }

    /// <summary>All that this node scraped of the slot is in the log.</summary>
    private void Owe(SlotKey slot, int count, string to, long version)
    {
        _toPush.Add(new SentTo(to, new SentSlotOf(slot, count, version)));
        _reportIsDue = true;
    }

    /// <summary>The new owner waits although there is nothing of the slot here, as after a restart of either.</summary>
    private void SayNothingIsOwed(SlotKey slot, int count, string to, long version)
    {
        if (!_toPush.Any(one => one.Slot.Slot == slot) && !_pushes.Values.Any(push => push.Slots.Any(one => one.Slot.Slot == slot)))
        {
            _sent.Add(to, new SentSlotOf(slot, count, version), "");
        }
    }

    /// <summary>At every tick: what was released since the last one goes together.</summary>
    private void PushOwed()
    {
        if (_toPush.Count == 0)
        {
            return;
        }

        var number = ++_pushCount;
        var push = new Push([.. _toPush]);
        _toPush.Clear();
        var queues = _context.Sending.Push(Sending.HandOverWithin);
        push.Queues = queues.Count;
        _pushes.Add(number, push);
        foreach (var (queue, sent) in queues)
        {
            sent.PipeTo(
                Self,
                success: complete => new QueuePushed(number, queue, complete),
                failure: _ => new QueuePushed(number, queue, IsComplete: false));
        }

        EndPushIfOver(number, push);
    }

    private void Pushed(QueuePushed pushed)
    {
        if (!_pushes.TryGetValue(pushed.Push, out var push))
        {
            return;
        }

        push.Queues--;
        push.IsComplete &= pushed.IsComplete;
        if (pushed.IsComplete && push.Queues > 0)
        {
            Tell(push, pushed.Queue);
        }

        EndPushIfOver(pushed.Push, push);
    }

    private void EndPushIfOver(long number, Push push)
    {
        if (push.Queues > 0)
        {
            return;
        }

        _pushes.Remove(number);
        _reportIsDue = true;
        _metrics.SendsHandedOver.With(push.IsComplete ? "sent" : "late").Add((long)push.Slots.Count);

        // Also what is late: by then nobody waits for it any more.
        Tell(push, "");
    }

    private void Tell(Push push, string queue)
    {
        foreach (var (to, slot) in push.Slots)
        {
            _sent.Add(to, slot, queue);
        }
    }

    private void SaySent()
    {
        foreach (var (to, request) in _sent.Take())
        {
            var queue = request.Queue;
            if (AddressOf(to) is not { } address)
            {
                _sent.Ended(to, queue, arrived: true);
                continue;
            }

            CallAsync(address, PeerMethods.Sent, [request], SentWithin).PipeTo(
                Self,
                success: _ => new SentEnded(to, queue, Arrived: true),
                failure: _ => new SentEnded(to, queue, Arrived: false));
        }
    }

    private void ForgetSending()
    {
        EndHolds((_, _) => true, HoldEnd.Overtaken);
        _toPush.Clear();
        _sent.Clear();
    }
}
