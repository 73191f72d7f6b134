using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>What the leader must know of a stored target set; the targets themselves stay in the store.</summary>
/// <param name="SlowestInterval">Of its targets; how long a node needs to meet all of them.</param>
internal readonly record struct KnownSet(long Version, ulong Checksum, int Targets, TimeSpan SlowestInterval);

/// <summary>
/// The leader's own copy of the store: read once, then carried on by its own commits, since nobody else writes rows and sets. What members and operators
/// write comes with the views.
/// </summary>
internal sealed class Ledger
{
    private readonly Dictionary<SlotKey, Assignment> _rows = [];
    private readonly Dictionary<BucketRef, KnownSet> _sets = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private Dictionary<string, Member> _members = new(StringComparer.Ordinal);

    public long Version { get; private set; }

    /// <summary>
    /// A member has read what the store does not know: it lost commits, by a restore or an asynchronous failover. Nothing may be decided on it before the membership
    /// actor has written back what the members live by.
    /// </summary>
    public bool HasGoneBack { get; private set; }

    public IReadOnlyCollection<Member> Members => _members.Values;

    public IReadOnlyDictionary<BucketKey, string> Pins { get; private set; } = new Dictionary<BucketKey, string>();

    public IReadOnlyDictionary<SlotKey, Assignment> Rows => _rows;

    public IReadOnlyDictionary<BucketRef, KnownSet> Sets => _sets;

    /// <summary>Bucket count of each job that has sets.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    public Member? Find(string node) => _members.GetValueOrDefault(node);

    /// <summary>Starts from a whole view: all rows, and the sets that it names.</summary>
    public void Load(ClusterView whole, IReadOnlyDictionary<BucketRef, KnownSet> sets)
    {
        _rows.Clear();
        _sets.Clear();
        foreach (var row in whole.Changed)
        {
            _rows.Add(row.Slot, row);
        }

        foreach (var (bucket, set) in sets)
        {
            _sets.Add(bucket, set);
        }

        Version = whole.AssignmentVersion;
        Recount();
        See(whole);
    }

    /// <summary>
    /// Takes over members and pins. A view that is older than our own last commit is left aside: it would bring the dead back. True when something changed
    /// that placement depends on.
    /// </summary>
    public bool See(ClusterView view)
    {
        if (view.AssignmentVersion < Version)
        {
            return false;
        }

        var changed = !_members.Values.Select(Essence).SequenceEqual(view.Members.Select(Essence)) || Pins.Count != view.Pins.Count
            || view.Pins.Any(pin => Pins.GetValueOrDefault(pin.Bucket) != pin.Node);
        _members = view.Members.ToDictionary(member => member.Node, StringComparer.Ordinal);
        HasGoneBack = view.Members.Any(member => member.State != MemberState.Down && member.AppliedAssignments > view.AssignmentVersion);
        Pins = changed ? view.Pins.ToDictionary(pin => pin.Bucket, pin => pin.Node) : Pins;
        return changed;
    }

    /// <summary>Carries out a commit that the store has taken.</summary>
    public void Apply(Draft draft, long epoch, long version)
    {
        foreach (var removed in draft.Removed)
        {
            _sets.Remove(removed);
        }

        if (draft.Removed.Count > 0)
        {
            foreach (var row in _rows.Values.Where(row => draft.Removed.Contains(new BucketRef(row.Slot.Bucket, row.Count))).ToList())
            {
                _rows.Remove(row.Slot);
            }
        }

        foreach (var slot in draft.Forgotten)
        {
            _rows.Remove(slot);
        }

        foreach (var (bucket, set) in draft.Sets)
        {
            _sets[bucket] = set.Known;
        }

        foreach (var row in draft.Rows.Values)
        {
            _rows[row.Slot] = row with { Epoch = epoch, Version = version };
        }

        foreach (var change in draft.Members)
        {
            if (Find(change.Node) is { } member && member.Incarnation == change.Incarnation)
            {
                _members[change.Node] = member with { State = change.State };
            }
        }

        Version = version;
        Recount();
    }

    private void Recount()
    {
        _counts.Clear();
        foreach (var bucket in _sets.Keys)
        {
            _counts[bucket.Key.Job] = bucket.Count;
        }
    }

    private static object Essence(Member member) => (member.Node, member.Incarnation, member.State, member.IsCordoned, member.Capacity, member.Zone);
}
