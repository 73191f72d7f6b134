using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>What the leader, the operator and the local file are told.</summary>
public sealed partial class OwnershipActor
{
    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NoteInterval = TimeSpan.FromMinutes(1);

    private DateTimeOffset _measureAt;
    private DateTimeOffset _noteAt;

    private void MeasureLoads(DateTimeOffset steady)
    {
        if (steady >= _measureAt)
        {
            _measureAt = steady + MeasureInterval;
            MeasureLoads();
            Publish(isUrgent: false);
        }
        else if (_inheritsMore)
        {
            Publish(isUrgent: false);
        }
    }

    /// <summary>
    /// Of a slot of which a target was not scraped yet nothing is said: what its owner before measured is better than a guess from the others, of which one
    /// may be a hundred times as large as the next. A target that is down counts from its first failed scrape on.
    /// </summary>
    private void MeasureLoads()
    {
        var counts = new Dictionary<PoolKey, int>();
        var measured = new Dictionary<SlotKey, int>();
        foreach (var slot in _slots.Values)
        {
            slot.Load = 0;
            counts[slot.Pool] = slot.Count;
        }

        foreach (var load in _context.Scraping.Loads())
        {
            if (counts.TryGetValue(new PoolKey(load.Job, load.Slot), out var count)
                && _slots.TryGetValue(new SlotKey(new BucketKey(load.Job, BucketKey.Of(load.TargetHash, count)), load.Slot), out var slot))
            {
                slot.Load += load.SamplesPerSecond;
                measured[slot.Key] = measured.GetValueOrDefault(slot.Key) + 1;
            }
        }

        foreach (var (key, scraped) in measured)
        {
            var slot = _slots[key];
            var all = _shelf.Find(slot.Bucket)?.Targets.Count ?? scraped;
            slot.Load = scraped >= all ? slot.Load : 0;
        }
    }

    private void Report()
    {
        if (_reportIsDue)
        {
            _reportIsDue = false;
            Publish(isUrgent: true);
        }
    }

    private void Publish(bool isUrgent)
    {
        _inheritsMore = false;
        _metrics.InheritedBytes.Set(_inheritance.Bytes);
        var slots = new List<SlotReport>(_slots.Count);
        var sets = new Dictionary<BucketRef, StoredTargetSet>();
        foreach (var slot in _slots.Values)
        {
            if (slot.Rules.Window is not null || _departures.ContainsKey(slot.Key))
            {
                slots.Add(new SlotReport { Slot = WireSlots.Write(slot.Key, slot.Count), SamplesPerSecond = slot.Load, HandsOver = slot.Rules.Window is null });
            }

            if (_shelf.Stored(slot.Bucket) is { } stored)
            {
                sets[slot.Bucket] = stored;
            }
        }

        _context.Ownership.Publish(
            new OwnershipPicture
            {
                AppliedAssignments = _applied,
                Slots = slots,
                Inherits = [.. _inheritance.Slots.Select(kept => WireSlots.Write(kept.Slot, kept.Count))],
                TargetSets = sets.Values,
                Unsent = Unsent,
            },
            isUrgent);
    }

    /// <summary>For the operator's list of events; at most one a minute, and nothing depends on its arrival.</summary>
    private void Note(string kind, string subject, string detail)
    {
        var steady = Steady;
        if (steady < _noteAt)
        {
            return;
        }

        LogDoubled(subject, detail);
        _noteAt = steady + NoteInterval;
        var store = _context.Store;
        var noted = new ClusterEvent(0, Now, kind, subject, detail, _self, _highestEpoch);
        _ = Task.Run(async () =>
        {
            using var limit = new CancellationTokenSource(ReadWithin);
            try
            {
                await store.NoteAsync(noted, limit.Token);
            }
            catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
            {
                // The store is away; what was to be noted is counted here all the same.
            }
        });
    }
}
