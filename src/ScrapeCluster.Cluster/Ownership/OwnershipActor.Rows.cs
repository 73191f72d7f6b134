using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>Rows: what begins, goes on, is split, given away or over.</summary>
public sealed partial class OwnershipActor
{
    private sealed record ReleaseTag(SlotKey Slot, long Version);

    /// <summary>Nobody waits for the lines.</summary>
    private sealed record DropTag
    {
        public static readonly DropTag Instance = new();
    }

    /// <summary>Since this node joined, no view was read: the next one holds all rows there are.</summary>
    private bool _isFirstView;

    /// <summary>
    /// A slot ends when its row is known to be gone. That its target set is not in the store is no sign: a store that was restored, or failed over without its last
    /// commits, gets its rows back from the nodes at once and its sets a little later.
    /// </summary>
    private void Read(ClusterNews.Viewed viewed)
    {
        var view = viewed.View;
        _highestEpoch = Math.Max(_highestEpoch, view.Lease.Epoch);
        ReadMembers(view.Members);
        _shelf.See(view.TargetSetVersions);
        if (_isFirstView)
        {
            _replicas.Forget();
        }

        ReadRows(view.Changed);
        ForgetWhatIsOver();
        foreach (var gone in _isFirstView ? Missing(view.Changed) : viewed.Removed)
        {
            End(gone);
        }

        _isFirstView = false;
        LabelIfReplicated(viewed.Removed);

        _reportIsDue |= _applied != view.AssignmentVersion;
        _applied = view.AssignmentVersion;
        _setsAreDue = true;
    }

    /// <summary>All plans, when the leader's number of replicas changed from or to one.</summary>
    private void LabelIfReplicated(IReadOnlyList<SlotKey> removed)
    {
        _replicas.Forget(removed);
        if (_replicas.HaveTurned())
        {
            _changedPools.UnionWith(_slots.Values.Select(slot => slot.Pool));
        }
    }

    private List<SlotKey> Missing(IReadOnlyList<Assignment> all)
    {
        var there = all.Select(row => row.Slot).ToHashSet();
        return [.. _slots.Keys.Concat(_inheritance.Slots.Select(kept => kept.Slot)).Where(slot => !there.Contains(slot)).Distinct()];
    }

    private void ReadMembers(IReadOnlyList<Member> members)
    {
        _members = members.ToDictionary(member => member.Node, StringComparer.Ordinal);
        string[] others = [.. members.Where(member => member.State == MemberState.Up && member.Node != _self).Select(member => member.Node).Order(StringComparer.Ordinal)];
        var names = string.Join('\n', others);
        if (names == _heirNames)
        {
            return;
        }

        _heirNames = names;
        _heirs = new Heirs(others);
        var steady = Steady;
        foreach (var slot in _slots.Values)
        {
            slot.Bequest?.Turn(HeirOf(slot.Key), steady);
        }
    }

    private void ReadRows(IReadOnlyList<Assignment> rows)
    {
        // Halves before what they are halves of, whose bucket number is lower: they go on in its window.
        foreach (var row in rows.OrderByDescending(row => row.Slot.Bucket.Bucket))
        {
            _highestEpoch = Math.Max(_highestEpoch, row.Epoch);
            _replicas.Read(row);
            _inheritance.KeepOnlyOf(row.Slot, row.Count);
            if (row.Owner != _self)
            {
                PassOn(row);
                _inheritance.KeepOnlyFrom(row.Slot, row.Owner);
            }

            if (SlotOf(row) is { } slot)
            {
                Read(slot, row);
            }
        }
    }

    /// <summary>Null when the row does not concern this node.</summary>
    private HeldSlot? SlotOf(Assignment row)
    {
        if (_slots.TryGetValue(row.Slot, out var held))
        {
            return held;
        }

        if (WholeOf(row) is { } whole)
        {
            held = new HeldSlot(row.Slot, whole.Rules.Half(row.Slot), row.Count) { Load = whole.Load * whole.Count / row.Count };
            _shelf.Derive(held.Bucket, whole.Bucket);
        }
        else if (row.Owner == _self || row.Previous == _self)
        {
            held = new HeldSlot(row.Slot, new OwnedSlot(_self, row.Slot), row.Count);
        }
        else
        {
            return null;
        }

        _slots.Add(row.Slot, held);
        return held;
    }

    /// <summary>The slot here, of a smaller bucket count, that the row's targets lay in before.</summary>
    private HeldSlot? WholeOf(Assignment row)
    {
        for (var count = row.Count / 2; count >= 1; count /= 2)
        {
            var key = new SlotKey(new BucketKey(row.Slot.Bucket.Job, row.Slot.Bucket.Bucket & (count - 1)), row.Slot.Slot);
            if (key != row.Slot && _slots.TryGetValue(key, out var whole) && whole.Count == count)
            {
                return whole;
            }
        }

        return null;
    }

    private void Read(HeldSlot slot, Assignment row)
    {
        if (row.Count > slot.Count)
        {
            var whole = slot.Bucket;
            slot.Load = slot.Load * slot.Count / row.Count;
            slot.Count = row.Count;
            slot.Bequest = null;
            _shelf.Derive(slot.Bucket, whole);
            _changedPools.Add(slot.Pool);
        }

        var now = Now;
        var wasScraped = slot.Rules.Window is not null;
        Do(slot, slot.Rules.Read(row, now));
        _reportIsDue = true;
        if (slot.Rules.Row?.Version != row.Version || row.Owner != _self)
        {
            PassOnHold(slot.Key);
            return;
        }

        slot.HasLines = false;
        _preparing.Remove(slot.Key);
        if (row.Previous.Length > 0 && !IsThere(row.Previous))
        {
            slot.Rules.NodeGone(row.Previous);
        }
        else if (slot.Rules.AwaitsLines && !wasScraped && now > row.EffectiveAt)
        {
            _metrics.LateStarts.Inc();
        }

        if (!wasScraped)
        {
            AwaitSent(slot);
        }

        InheritUnlessAwaited(slot);
    }

    /// <summary>A node that nothing was ever heard of may be there: only a view without it, or with its end, says that it is not.</summary>
    private bool IsThere(string node) => _members.Count == 0 || (_members.TryGetValue(node, out var member) && member.State != MemberState.Down);

    private void Do(HeldSlot slot, IReadOnlyList<OwnershipEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case OwnershipEffect.Scrape scrape:
                    Begin(slot, scrape);
                    break;
                case OwnershipEffect.Drop:
                    Drop(slot);
                    break;
                case OwnershipEffect.HandOver handOver:
                    HandOver(slot, handOver);
                    break;
                case OwnershipEffect.Acknowledge acknowledge:
                    slot.Owed = acknowledge;
                    Owe(slot);
                    break;
            }
        }
    }

    private void Begin(HeldSlot slot, OwnershipEffect.Scrape scrape)
    {
        slot.Count = scrape.Count;
        _departures.Remove(slot.Key);
        _changedPools.Add(slot.Pool);
        _setsAreDue = true;
    }

    private void Drop(HeldSlot slot)
    {
        EndHolds((held, _) => held == slot.Key, HoldEnd.Overtaken);
        slot.Owed = null;
        slot.Bequest = null;
        slot.Arrived.Clear();
        _departures.Remove(slot.Key);
        Release(slot, DropTag.Instance);
    }

    /// <summary>Before the plan without them: what leaves a plan otherwise gets markers.</summary>
    private void Release(HeldSlot slot, object tag)
    {
        _pools.Tell(new ReleaseTargets(slot.Key.Bucket.Job, slot.Key.Slot, HashesOf(slot), tag), Self);
        _changedPools.Add(slot.Pool);
        _reportIsDue = true;
    }

    private ulong[] HashesOf(HeldSlot slot) => [.. _shelf.Find(slot.Bucket)?.Targets.Select(target => target.Hash) ?? []];

    /// <summary>Its bucket is no more, with its job: the pool stops, and like a pool that stops writes no markers.</summary>
    private void End(SlotKey key)
    {
        if (_slots.Remove(key, out var slot))
        {
            Drop(slot);
        }

        _inheritance.Forget(key);
        _reportIsDue = true;
    }

    private void Miss(string node)
    {
        _acknowledgements.Forget(node);
        _sent.Forget(node);
        EndHolds((_, hold) => hold.From == node, HoldEnd.Gone);
        foreach (var slot in _slots.Values)
        {
            slot.Rules.NodeGone(node);
            InheritUnlessAwaited(slot);
        }

        foreach (var departure in _departures.Values.Where(departure => departure.To == node).ToList())
        {
            _departures.Remove(departure.Key);
        }

        _reportIsDue = true;
    }

    /// <summary>Somebody else has all of it: what runs is stopped at once, without markers, and nothing is known any more until the next view.</summary>
    private void Expel()
    {
        if (_slots.Count > 0)
        {
            LogExpelled(_slots.Count);
        }

        foreach (var slot in _slots.Values)
        {
            Release(slot, DropTag.Instance);
        }

        ForgetSending();
        _slots.Clear();
        _departures.Clear();
        _preparing.Clear();
        _inheritance.Clear();
        _acknowledgements.Clear();
        _arrivals.Clear();
        _applied = 0;
        _reportIsDue = true;
        _setsAreDue = true;
    }

    private void Restore(ClusterNews.Restored restored)
    {
        ReadRows(restored.Rows);
        LabelIfReplicated([]);
        _applied = restored.AssignmentVersion;
        _isReading = true;
        Decode(restored.TargetSets);
    }

    /// <summary>After a failure of this actor: all rows once more, and nothing runs on that none of them gives to this node.</summary>
    private void StartAnew()
    {
        var known = _context.Board.Current;
        ReadMembers(known.Members);
        ReadRows([.. known.Assignments.Values]);
        LabelIfReplicated([]);
        _applied = known.AssignmentVersion;
        var owned = _slots.Values.Where(slot => slot.Rules.Window is not null).Select(slot => slot.Pool).ToHashSet();
        foreach (var pool in _context.Scraping.Loads().GroupBy(load => new PoolKey(load.Job, load.Slot)).Where(pool => !owned.Contains(pool.Key)))
        {
            _pools.Tell(new ReleaseTargets(pool.Key.Job, pool.Key.Slot, [.. pool.Select(load => load.TargetHash)], DropTag.Instance), Self);
            _pools.Tell(new SlotPlan(pool.Key.Job, pool.Key.Slot, [], null), Self);
        }

        Settle();
    }

    private void CountDoubled(HeldSlot slot, DateTimeOffset now)
    {
        if (slot.Rules.GoesOnUnacknowledged(now) && slot.DoubledVersion != slot.Rules.Row!.Version)
        {
            slot.DoubledVersion = slot.Rules.Row.Version;
            _metrics.Doubled.Inc();
            Note("doubled", slot.Key.ToString(), $"scraped on past {slot.Rules.Row.EffectiveAt:O}: {slot.Rules.Row.Owner} has not acknowledged row {slot.Rules.Row.Version}");
        }
    }

    private void ForgetWhatIsOver()
    {
        foreach (var slot in _slots.Values.Where(slot => slot.Rules.IsOver).ToList())
        {
            _slots.Remove(slot.Key);
            _departures.Remove(slot.Key);
            _reportIsDue = true;
        }
    }
}
