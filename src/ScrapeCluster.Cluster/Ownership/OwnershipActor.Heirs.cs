using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>Series lines kept by somebody else for the case that a slot's owner dies: both sides of it.</summary>
public sealed partial class OwnershipActor
{
    private const int BequestsAtOnce = 8;
    private const int PassOnRepeats = 10;

    private sealed record CollectTag(SlotKey Slot, long Turn, bool All);

    private sealed record BequestEnded(SlotKey Slot, long Turn, bool Arrived);

    /// <summary>Null when there is no other node that could have the slot.</summary>
    private string? HeirOf(SlotKey slot)
    {
        var rows = _context.Board.Current.Assignments;
        return _heirs.Of(slot, _replicas.AreSeveral ? HasAnother : null);

        bool HasAnother(string node)
        {
            for (var replica = 0; rows.TryGetValue(slot with { Slot = replica }, out var row); replica++)
            {
                if (replica != slot.Slot && row.Owner == node)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private void Bequeath(DateTimeOffset now, DateTimeOffset steady)
    {
        var free = BequestsAtOnce - _slots.Values.Count(slot => slot.Bequest?.IsOnItsWay == true);
        foreach (var slot in _slots.Values)
        {
            if (slot.Rules.Window is not { } window || window.From > now || _shelf.Find(slot.Bucket) is not { Targets.Count: > 0 } set)
            {
                continue;
            }

            slot.Bequest ??= NewBequest(slot.Key, set.Targets, steady);
            if (free <= 0 || !slot.Bequest.IsDue(steady))
            {
                continue;
            }

            slot.Bequest.Turn(HeirOf(slot.Key), steady);
            if (slot.Bequest.IsDue(steady))
            {
                free--;
                var (turn, all) = slot.Bequest.Begin(steady);
                _pools.Tell(new CollectLines(slot.Key.Bucket.Job, slot.Key.Slot, HashesOf(slot), all, new CollectTag(slot.Key, turn, all)), Self);
            }
        }
    }

    private Bequest NewBequest(SlotKey slot, IReadOnlyList<ScrapeTarget> targets, DateTimeOffset steady)
    {
        var bequest = new Bequest(steady, targets.Max(target => target.Interval), SpreadOf(slot));
        bequest.Turn(HeirOf(slot), steady);
        return bequest;
    }

    /// <summary>0 to 1, another for every slot, the same at every start.</summary>
    private static double SpreadOf(SlotKey slot) => (uint)((XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes(slot.Bucket.Job)) + ((ulong)slot.Bucket.Bucket * 0x9E3779B97F4A7C15)) >> 32) / (double)uint.MaxValue;

    private void Bequeath(CollectTag tag, IReadOnlyList<TargetLines> lines)
    {
        if (!_slots.TryGetValue(tag.Slot, out var slot) || slot.Bequest is not { } bequest || !bequest.Awaits(tag.Turn))
        {
            return;
        }

        if (lines.Count == 0)
        {
            // Nothing changed; or nothing was scraped yet, and then all of it is still to come.
            bequest.Ended(tag.Turn, arrived: !tag.All, Steady);
            return;
        }

        if (bequest.Heir is not { } heir || AddressOf(heir) is not { } address)
        {
            bequest.Ended(tag.Turn, arrived: false, Steady);
            return;
        }

        _bequestsOnTheirWay++;
        CallAsync(address, PeerMethods.Bequeath, Requests(slot, tag, lines), LinesWithin).PipeTo(
            Self,
            success: _ => new BequestEnded(tag.Slot, tag.Turn, Arrived: true),
            failure: _ => new BequestEnded(tag.Slot, tag.Turn, Arrived: false));
    }

    private IEnumerable<BequeathRequest> Requests(HeldSlot slot, CollectTag tag, IReadOnlyList<TargetLines> lines)
    {
        var message = WireSlots.Write(slot.Key, slot.Count);
        return LineParcels.Of(lines).Select((parcel, index) => new BequeathRequest
        {
            From = _self,
            Slot = message,
            Lines = { parcel.Select(WireSlots.Write) },
            Replaces = tag.All && index == 0,
        });
    }

    private void Bequeathed(BequestEnded ended)
    {
        _bequestsOnTheirWay--;
        _metrics.Bequests.With(ended.Arrived ? "sent" : "unanswered").Inc();
        if (_slots.TryGetValue(ended.Slot, out var slot))
        {
            slot.Bequest?.Ended(ended.Turn, ended.Arrived, Steady);
        }
    }

    private void Inherit(BequeathRequest request)
    {
        var key = WireSlots.Read(request.Slot);
        if (request.Slot is null || (_slots.TryGetValue(key, out var slot) && slot.Rules.Row?.Owner == _self))
        {
            // Its owner has not read the row yet that gave the slot to us.
            Sender.Tell(new Empty(), Self);
            return;
        }

        var isKept = _inheritance.Keep(key, request.Slot.Count, request.From, WireSlots.Read(request.Lines), request.Replaces);
        _metrics.Bequests.With(isKept ? "kept" : "refused").Inc();
        _inheritsMore = true;
        Sender.Tell(isKept ? new Empty() : Refused($"{_self} keeps no series lines of {key} from {request.From} that these could be added to, or has no room"), Self);
    }

    /// <summary>The owner died, and its slot went to another node than the one that keeps its lines, since that one has enough: the lines follow.</summary>
    private void PassOn(Assignment row)
    {
        if (row.Owner.Length > 0 && _inheritance.FromOf(row.Slot) == row.Previous && !IsThere(row.Previous) && _inheritance.TryTake(row.Slot, out var lines))
        {
            // The new owner may read its row a little later than this node.
            _departures[row.Slot] = new Departure(row.Slot, row.Count, row.Owner, row.Version, isAnswer: true) { Lines = lines, Repeats = PassOnRepeats };
        }
    }

    /// <summary>The owner before will not send its lines: what it bequeathed is the best there is.</summary>
    private void InheritUnlessAwaited(HeldSlot slot)
    {
        if (slot.Rules.Row?.Owner == _self && !slot.Rules.AwaitsLines && _inheritance.TryTake(slot.Key, out var lines))
        {
            Arrive(slot, lines);
            _reportIsDue = true;
        }
    }
}
