using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>A target set to be stored.</summary>
internal sealed record DraftSet(KnownSet Known, byte[] Packed);

/// <summary>
/// One decision while it is being made: changes upon a <see cref="Ledger"/>, each step seeing what those before it changed. It becomes one commit, and the
/// ledger follows when the store has taken it.
/// </summary>
internal sealed class Draft(Ledger ledger)
{
    private readonly Dictionary<string, MemberChange> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<BucketRef, DraftSet> _sets = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly List<ClusterEvent> _events = [];

    public Dictionary<SlotKey, Assignment> Rows { get; } = [];

    public IReadOnlyDictionary<BucketRef, DraftSet> Sets => _sets;

    public HashSet<BucketRef> Removed { get; } = [];

    /// <summary>Rows without owner that are not needed any more.</summary>
    public HashSet<SlotKey> Forgotten { get; } = [];

    /// <summary>Encoded jobs that are done with once this is committed.</summary>
    public List<EncodedJob> Jobs { get; } = [];

    /// <summary>Planned moves whose commit point this is.</summary>
    public List<SlotMove> Moved { get; } = [];

    /// <summary>Moves that no longer make sense.</summary>
    public List<SlotMove> Cancelled { get; } = [];

    /// <summary>Nodes that are declared dead here, and why.</summary>
    public Dictionary<string, string> Died { get; } = new(StringComparer.Ordinal);

    /// <summary>Buckets that an operator wanted out of quarantine, with their slots that were in it.</summary>
    public Dictionary<BucketKey, List<SlotKey>> Released { get; } = [];

    /// <summary>How many of those who left by themselves it tells of.</summary>
    public int Left { get; set; }

    /// <summary>Null when nothing asked for a plan.</summary>
    public PlacementPlan? Plan { get; set; }

    public IReadOnlyCollection<MemberChange> Members => _members.Values;

    public bool IsEmpty => _members.Count == 0 && Rows.Count == 0 && Sets.Count == 0 && Removed.Count == 0 && Forgotten.Count == 0 && _events.Count == 0;

    /// <summary>Buckets or members come or go, so that somebody may be without a place.</summary>
    public bool AsksForPlan => _members.Count > 0 || Removed.Count > 0 || Sets.Keys.Any(bucket => !ledger.Sets.ContainsKey(bucket));

    public MemberState StateOf(Member member) =>
        _members.TryGetValue(member.Node, out var change) && change.Incarnation == member.Incarnation ? change.State : member.State;

    public IEnumerable<Assignment> AllRows() =>
        ledger.Rows.Values.Where(row => !Rows.ContainsKey(row.Slot) && !Removed.Contains(new BucketRef(row.Slot.Bucket, row.Count))).Concat(Rows.Values);

    public IEnumerable<KeyValuePair<BucketRef, KnownSet>> AllSets() =>
        ledger.Sets.Where(set => !Removed.Contains(set.Key) && !Sets.ContainsKey(set.Key))
            .Concat(Sets.Select(set => KeyValuePair.Create(set.Key, set.Value.Known)));

    public Assignment? RowOf(SlotKey slot)
    {
        if (Rows.TryGetValue(slot, out var changed))
        {
            return changed;
        }

        return ledger.Rows.TryGetValue(slot, out var row) && !Removed.Contains(new BucketRef(slot.Bucket, row.Count)) ? row : null;
    }

    public KnownSet SetOf(BucketRef bucket) => _sets.TryGetValue(bucket, out var drafted) ? drafted.Known : ledger.Sets.GetValueOrDefault(bucket);

    public int CountOf(string job) => _counts.TryGetValue(job, out var count) ? count : ledger.Counts.GetValueOrDefault(job);

    public bool IsAlive(string node) => ledger.Find(node) is { } member && StateOf(member) != MemberState.Down;

    public void Change(Member member, MemberState state) => _members[member.Node] = new MemberChange(member.Node, member.Incarnation, state);

    public void Put(BucketRef bucket, DraftSet set)
    {
        _sets[bucket] = set;
        _counts[bucket.Key.Job] = bucket.Count;
    }

    public void Put(SlotKey slot, int count, string owner, string previous, DateTimeOffset effectiveAt, string reason) =>
        Rows[slot] = new Assignment(slot, count, owner, previous, effectiveAt, 0, 0, reason);

    public void Note(string kind, string subject, string detail) => _events.Add(new ClusterEvent(0, default, kind, subject, detail, "", 0));

    public LeaderCommit ToCommit(string leader, long epoch) => new(epoch, ledger.Version)
    {
        Members = [.. _members.Values],
        TargetSets = [.. Sets.Select(set => new StoredTargetSet(set.Key, set.Value.Known.Version, set.Value.Known.Checksum, set.Value.Packed))],
        Assignments = [.. Rows.Values.OrderBy(row => row.Slot)],
        Removed = [.. Removed],
        Forgotten = [.. Forgotten.Order()],
        Events = [.. _events.Select(noted => noted with { Node = leader, Epoch = epoch })],
    };
}
