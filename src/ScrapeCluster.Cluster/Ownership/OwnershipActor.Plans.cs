using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Targets;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>Target sets come in, plans go out.</summary>
public sealed partial class OwnershipActor
{
    private static readonly TimeSpan ReadWithin = TimeSpan.FromSeconds(10);

    /// <param name="Set">Null: damaged, as <paramref name="Fault"/> says.</param>
    private sealed record ReadSet(StoredTargetSet Stored, TargetSet? Set, string Fault);

    /// <param name="Fault">Why the store did not answer; null when it did.</param>
    private sealed record SetsRead(IReadOnlyCollection<BucketRef> Asked, IReadOnlyList<ReadSet> Sets, string? Fault);

    /// <summary>One request at a time, for all that is missing.</summary>
    private void ReadSets(DateTimeOffset steady)
    {
        if (!_setsAreDue || _isReading)
        {
            return;
        }

        _setsAreDue = false;
        var needed = NeededSets().ToHashSet();
        _shelf.KeepOnly(needed);
        var missing = _shelf.Missing(needed, steady);
        if (missing.Count > 0)
        {
            _isReading = true;
            var store = _context.Store;
            Task.Run(() => ReadSetsAsync(store, missing)).PipeTo(Self);
        }
    }

    private IEnumerable<BucketRef> NeededSets() => _slots.Values.Select(slot => slot.Bucket).Concat(_preparing.Values.Select(preparation => preparation.Bucket));

    private static async Task<SetsRead> ReadSetsAsync(ICoordinationStore store, List<BucketRef> asked)
    {
        using var limit = new CancellationTokenSource(ReadWithin);
        try
        {
            return new SetsRead(asked, Decoded(await store.ReadTargetSetsAsync(asked, limit.Token)), null);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            return new SetsRead(asked, [], e.Message);
        }
    }

    private static List<ReadSet> Decoded(IReadOnlyList<StoredTargetSet> stored)
    {
        return [.. stored.Select(one =>
            TargetSetCodec.TryDecode(new EncodedTargetSet(one.Checksum, one.Payload), out var set, out var fault) ? new ReadSet(one, set, "") : new ReadSet(one, null, fault))];
    }

    private void Decode(IReadOnlyList<StoredTargetSet> stored) => Task.Run(() => new SetsRead([], Decoded(stored), null)).PipeTo(Self);

    private void Take(SetsRead read)
    {
        var steady = Steady;
        _isReading = false;
        _setsAreDue = true;
        if (read.Fault is not null)
        {
            _metrics.UnreadSets.Inc();
            if (!_isStoreSilent)
            {
                LogUnread(read.Asked.Count, read.Fault);
            }
        }

        _isStoreSilent = read.Fault is not null;
        foreach (var bucket in read.Asked.Except(read.Sets.Where(one => one.Set is not null).Select(one => one.Stored.Bucket)))
        {
            _shelf.Failed(bucket, steady);
        }

        var changed = new HashSet<BucketRef>();
        foreach (var one in read.Sets)
        {
            if (one.Set is null)
            {
                _metrics.DamagedSets.Inc();
                if (_shelf.Damaged(one.Stored, steady))
                {
                    LogDamaged(one.Stored.Bucket.Key, one.Stored.Version, one.Fault);
                }
            }
            else if (_shelf.Put(one.Stored, one.Set))
            {
                changed.Add(one.Stored.Bucket);
            }
        }

        foreach (var slot in _slots.Values.Where(slot => changed.Contains(slot.Bucket)))
        {
            _changedPools.Add(slot.Pool);
            Owe(slot);
        }

        foreach (var preparation in _preparing.Values.Where(preparation => changed.Contains(preparation.Bucket)))
        {
            preparation.IsTold = false;
        }

        _reportIsDue = true;
    }

    private void TellPlans()
    {
        if (_changedPools.Count > 0)
        {
            foreach (var slots in _slots.Values.Where(slot => _changedPools.Contains(slot.Pool)).GroupBy(slot => slot.Pool).ToList())
            {
                _changedPools.Remove(slots.Key);
                TellPlan(slots.Key, slots);
            }

            foreach (var pool in _changedPools)
            {
                TellPlan(pool, []);
            }

            _changedPools.Clear();
            _metrics.OwnedSlots.Set(_slots.Values.Count(slot => slot.Rules.Window is not null));
        }

        foreach (var slot in _arrivals.Where(IsPlanned).ToList())
        {
            _pools.Tell(new AdoptLines(slot.Key.Bucket.Job, slot.Key.Slot, [.. slot.Arrived]), Self);
            slot.Arrived.Clear();
            _arrivals.Remove(slot);
        }
    }

    private void TellPlan(PoolKey pool, IEnumerable<HeldSlot> slots)
    {
        var parts = new List<PlanPart>();
        foreach (var slot in slots.OrderBy(slot => slot.Key))
        {
            if (slot.Rules.Window is { } window && _shelf.Find(slot.Bucket) is { } set)
            {
                parts.Add(new PlanPart(set, window));
            }
        }

        if (_plans.Next(pool, parts, _replicas.AreSeveral) is { } plan)
        {
            _pools.Tell(plan, Self);
        }
    }

    /// <summary>Its targets are in the plan that the pools have.</summary>
    private bool IsPlanned(HeldSlot slot) => slot.Rules.Window is not null && _shelf.Find(slot.Bucket) is not null;
}
