using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <param name="Applied">Newest assignment version that the node acts on.</param>
/// <param name="Slots">What it scrapes or still hands over; null before its first full frame.</param>
/// <param name="SendLag">How far its remote write is behind.</param>
internal sealed record NodeReport(long Incarnation, long Applied, IReadOnlySet<SlotKey>? Slots, IReadOnlyList<SlotKey> Inherits, TimeSpan SendLag);

/// <summary>What the members say of themselves, frame by frame: what they have applied and hold, and what each bucket weighs.</summary>
internal sealed class NodeReports
{
    private readonly Dictionary<string, NodeReport> _reports = new(StringComparer.Ordinal);
    private readonly Dictionary<BucketRef, double> _measured = [];

    /// <summary>Samples per second by bucket. A measure stays until the next: a new owner has none at first.</summary>
    public IReadOnlyDictionary<BucketRef, double> Measured => _measured;

    public NodeReport? Of(string node) => _reports.GetValueOrDefault(node);

    /// <summary>Zero for who did not say.</summary>
    public TimeSpan SendLagOf(string node) => Of(node)?.SendLag ?? TimeSpan.Zero;

    public bool HasReported(Member member) => Of(member.Node)?.Incarnation == member.Incarnation;

    public void Take(string node, MemberFrame frame)
    {
        var before = Of(node);
        if (before?.Incarnation != frame.Incarnation)
        {
            before = null;
        }

        var lag = TimeSpan.FromMilliseconds(frame.SendLagMs);
        if (!frame.IsFull)
        {
            _reports[node] = new NodeReport(frame.Incarnation, frame.AppliedAssignments, before?.Slots, before?.Inherits ?? [], lag);
            return;
        }

        _reports[node] = new NodeReport(
            frame.Incarnation, frame.AppliedAssignments, frame.Slots.Select(report => KeyOf(report.Slot)).ToHashSet(), [.. frame.Inherits.Select(KeyOf)], lag);
        foreach (var report in frame.Slots)
        {
            if (report.SamplesPerSecond > 0 && !report.HandsOver)
            {
                _measured[new BucketRef(KeyOf(report.Slot).Bucket, report.Slot.Count)] = report.SamplesPerSecond;
            }
        }
    }

    public void Forget(string node) => _reports.Remove(node);

    /// <summary>Halves of a bucket weigh by their targets until they are measured themselves.</summary>
    public void Split(BucketRef from, BucketRef to, double share)
    {
        if (_measured.TryGetValue(from, out var load))
        {
            _measured[to] = load * share;
        }
    }

    public void Keep(IReadOnlyDictionary<BucketRef, KnownSet> sets)
    {
        foreach (var gone in _measured.Keys.Where(bucket => !sets.ContainsKey(bucket)).ToList())
        {
            _measured.Remove(gone);
        }
    }

    /// <summary>Who keeps the series lines of each slot.</summary>
    public Dictionary<SlotKey, string> Heirs()
    {
        var heirs = new Dictionary<SlotKey, string>();
        foreach (var (node, report) in _reports)
        {
            foreach (var slot in report.Inherits)
            {
                heirs[slot] = node;
            }
        }

        return heirs;
    }

    private static SlotKey KeyOf(SlotMessage slot) => new(new BucketKey(slot.Job, slot.Bucket), slot.Slot);
}
