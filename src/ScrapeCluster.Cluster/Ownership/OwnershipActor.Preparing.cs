using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>Getting ready for slots that the leader is about to give to this node.</summary>
public sealed partial class OwnershipActor
{
    private const int MaxPreparing = 10_000;

    /// <summary>As long as the pools remember what was prepared.</summary>
    private static readonly TimeSpan PreparedFor = TimeSpan.FromSeconds(30);

    /// <summary>The leader waits for 5 s.</summary>
    private static readonly TimeSpan PrepareWithin = TimeSpan.FromSeconds(4);

    private sealed record PrepareTag(SlotKey Slot);

    private sealed record PrepareWait(IActorRef Asker, IReadOnlyList<SlotMessage> Slots, DateTimeOffset Until);

    private sealed class Preparation(SlotKey slot, int count)
    {
        public SlotKey Slot { get; } = slot;

        public BucketRef Bucket { get; } = new(slot.Bucket, count);

        public DateTimeOffset Until { get; set; }

        public bool IsTold { get; set; }

        public bool IsReady { get; set; }
    }

    private void Prepare(PrepareRequest request)
    {
        if (request.Epoch < _highestEpoch || _preparing.Count + request.Slots.Count > MaxPreparing)
        {
            LogPrepareRefused(request.Epoch, _highestEpoch, request.Slots.Count);
            Sender.Tell(new PrepareAnswer { Fault = $"{_self} knows epoch {_highestEpoch} and prepares {_preparing.Count} slots already; asked under epoch {request.Epoch}" }, Self);
            return;
        }

        var steady = Steady;
        _highestEpoch = request.Epoch;
        foreach (var message in request.Slots)
        {
            var key = WireSlots.Read(message);
            if (!_preparing.TryGetValue(key, out var preparation) || preparation.Bucket.Count != message.Count)
            {
                _preparing[key] = preparation = new Preparation(key, message.Count);
            }

            preparation.Until = steady + PreparedFor;
            preparation.IsTold = false;
            preparation.IsReady = false;
        }

        _prepareWaits.Add(new PrepareWait(Sender, request.Slots, steady + PrepareWithin));
        _setsAreDue = true;
    }

    private void TellPreparing()
    {
        foreach (var preparation in _preparing.Values)
        {
            if (!preparation.IsTold && _shelf.Find(preparation.Bucket) is { } set)
            {
                preparation.IsTold = true;
                preparation.IsReady = set.Targets.Count == 0;
                if (!preparation.IsReady)
                {
                    _pools.Tell(new PrepareTargets(preparation.Slot.Bucket.Job, preparation.Slot.Slot, set.Targets, new PrepareTag(preparation.Slot)), Self);
                }
            }
        }
    }

    private void Prepared(PrepareTag tag)
    {
        if (_preparing.TryGetValue(tag.Slot, out var preparation) && preparation.IsTold)
        {
            preparation.IsReady = true;
        }
    }

    private void AnswerPrepares(DateTimeOffset steady)
    {
        for (var i = _prepareWaits.Count - 1; i >= 0; i--)
        {
            var wait = _prepareWaits[i];
            var ready = wait.Slots.Where(IsReady).ToList();
            if (ready.Count < wait.Slots.Count && steady < wait.Until)
            {
                continue;
            }

            var fault = ready.Count == wait.Slots.Count ? "" : $"{wait.Slots.Count - ready.Count} of {wait.Slots.Count} slots not ready within {PrepareWithin.TotalSeconds} s";
            wait.Asker.Tell(new PrepareAnswer { Prepared = { ready }, Fault = fault }, Self);
            _prepareWaits.RemoveAt(i);
        }
    }

    private void ForgetPreparations(DateTimeOffset steady)
    {
        foreach (var preparation in _preparing.Values.Where(preparation => steady >= preparation.Until).ToList())
        {
            _preparing.Remove(preparation.Slot);
        }
    }

    /// <summary>Also when its row has come meanwhile.</summary>
    private bool IsReady(SlotMessage message)
    {
        var key = WireSlots.Read(message);
        return (_preparing.TryGetValue(key, out var preparation) && preparation.IsReady) || (_slots.TryGetValue(key, out var slot) && IsPlanned(slot));
    }
}
