using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>A slot that was given away, of which a receiver has all that this node scraped.</summary>
internal readonly record struct SentSlotOf(SlotKey Slot, int Count, long Version);

/// <summary>
/// What the new owners are to be told of that: one request a node and queue at a time, with all that came together meanwhile; said again when it is not answered,
/// for a while.
/// </summary>
internal sealed class SentOutbox(string self)
{
    /// <summary>A second each.</summary>
    private const int Tries = 10;

    private readonly Dictionary<(string To, string Queue), Dictionary<SlotKey, (SentSlotOf Slot, int Tries)>> _waiting = [];
    private readonly Dictionary<(string To, string Queue), List<(SentSlotOf Slot, int Tries)>> _onTheirWay = [];

    public int OnTheirWay => _onTheirWay.Count;

    /// <param name="queue">Empty: all queues.</param>
    public void Add(string to, SentSlotOf slot, string queue) => Add((to, queue), slot, Tries);

    public IReadOnlyList<(string To, SentRequest Request)> Take()
    {
        if (_waiting.Count == 0)
        {
            return [];
        }

        var requests = new List<(string, SentRequest)>();
        foreach (var key in _waiting.Keys.Where(key => !_onTheirWay.ContainsKey(key)).ToList())
        {
            _waiting.Remove(key, out var slots);
            _onTheirWay.Add(key, [.. slots!.Values]);
            requests.Add((key.To, new SentRequest { From = self, Queue = key.Queue, Slots = { slots.Values.Select(Write) } }));
        }

        return requests;
    }

    public void Ended(string to, string queue, bool arrived)
    {
        if (_onTheirWay.Remove((to, queue), out var slots) && !arrived)
        {
            foreach (var (slot, tries) in slots.Where(slot => slot.Tries > 1))
            {
                Add((to, queue), slot, tries - 1);
            }
        }
    }

    public void Forget(string to)
    {
        foreach (var key in _waiting.Keys.Where(key => key.To == to).ToList())
        {
            _waiting.Remove(key);
        }
    }

    public void Clear() => _waiting.Clear();

    private void Add((string To, string Queue) key, SentSlotOf slot, int tries)
    {
        if (!_waiting.TryGetValue(key, out var slots))
        {
            _waiting.Add(key, slots = []);
        }

        if (!slots.TryGetValue(slot.Slot, out var known) || known.Slot.Version <= slot.Version)
        {
            slots[slot.Slot] = (slot, tries);
        }
    }

    private static SentSlot Write((SentSlotOf Slot, int Tries) entry) =>
        new() { Slot = WireSlots.Write(entry.Slot.Slot, entry.Slot.Count), Version = entry.Slot.Version };
}
