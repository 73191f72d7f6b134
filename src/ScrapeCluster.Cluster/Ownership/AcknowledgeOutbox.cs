using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>Acknowledgements on their way to the old owners: one request a node at a time, with all that came together meanwhile.</summary>
internal sealed class AcknowledgeOutbox(string self)
{
    private readonly Dictionary<string, Dictionary<SlotKey, AcknowledgedSlot>> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _onTheirWay = new(StringComparer.Ordinal);

    public int OnTheirWay => _onTheirWay.Count;

    public void Add(string to, SlotKey slot, int count, long version)
    {
        if (!_waiting.TryGetValue(to, out var slots))
        {
            _waiting.Add(to, slots = []);
        }

        slots[slot] = new AcknowledgedSlot { Slot = WireSlots.Write(slot, count), Version = version };
    }

    /// <summary>What can be sent now; <see cref="Ended"/> says that one was.</summary>
    public IReadOnlyList<(string To, AcknowledgeRequest Request)> Take()
    {
        if (_waiting.Count == 0)
        {
            return [];
        }

        var requests = new List<(string, AcknowledgeRequest)>();
        foreach (var to in _waiting.Keys.Where(to => !_onTheirWay.Contains(to)).ToList())
        {
            _waiting.Remove(to, out var slots);
            _onTheirWay.Add(to);
            requests.Add((to, new AcknowledgeRequest { From = self, Slots = { slots!.Values } }));
        }

        return requests;
    }

    public void Ended(string to) => _onTheirWay.Remove(to);

    public void Forget(string to) => _waiting.Remove(to);

    public void Clear() => _waiting.Clear();
}
