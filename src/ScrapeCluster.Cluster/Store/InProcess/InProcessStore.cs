using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Store.InProcess;

/// <summary>
/// The store of a node that is alone: in memory, with the same rules as the one in PostgreSQL. Several nodes of one process can share it, which is how the
/// tests of everything above it run.
/// </summary>
public sealed partial class InProcessStore(TimeProvider time) : ICoordinationStore
{
    private const int EventsKept = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LeaseRow> _leases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MemberRow> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<SlotKey, Assignment> _assignments = [];
    private readonly Dictionary<BucketRef, StoredTargetSet> _targetSets = [];
    private readonly Dictionary<BucketKey, Pin> _pins = [];
    private readonly Queue<ClusterEvent> _events = new();
    private readonly List<StoredConfig> _configs = [];
    private TaskCompletionSource _doorbell = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _assignmentVersion;
    private long _rosterVersion;
    private long _lastIncarnation;
    private long _lastEvent;

    private sealed record LeaseRow(string Holder, long Incarnation, long Epoch, DateTimeOffset ExpiresAt);

    /// <param name="Since">The roster version that wrote it; heartbeats write none.</param>
    private sealed record MemberRow(Member Member, DateTimeOffset SeenAt, long Since);

    public ILifeline OpenLifeline() => new Lifeline(this);

    public Task<ClusterView> ReadAsync(ReadAfter after, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return Task.FromResult(new ClusterView(
                ViewOf(Roles.Leader, now),
                [.. _members.Values.Where(row => row.Since > (after.Roster ?? -1)).OrderBy(row => row.Member.Node, StringComparer.Ordinal)
                    .Select(row => row.Member with { SeenAgo = now - row.SeenAt })],
                _assignmentVersion,
                [.. _assignments.Values.Where(row => row.Version > after.Assignments).OrderBy(row => row.Slot)],
                _targetSets.ToDictionary(set => set.Key, set => set.Value.Version),
                after.Roster == _rosterVersion ? [] : [.. _pins.Values.OrderBy(pin => pin.Bucket)],
                _configs.Count,
                now)
            { RosterVersion = _rosterVersion });
        }
    }

    public Task<IReadOnlyList<StoredTargetSet>> ReadTargetSetsAsync(IReadOnlyCollection<BucketRef>? buckets, CancellationToken cancellation)
    {
        lock (_lock)
        {
            IReadOnlyList<StoredTargetSet> found = buckets is null
                ? [.. _targetSets.Values]
                : [.. buckets.Distinct().Where(_targetSets.ContainsKey).Select(bucket => _targetSets[bucket])];
            return Task.FromResult(found);
        }
    }

    public Task<CommitResult> CommitAsync(LeaderCommit commit, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_leases.GetValueOrDefault(Roles.Leader)?.Epoch != commit.Epoch)
            {
                return Task.FromResult(new CommitResult(CommitOutcome.Fenced, _assignmentVersion));
            }

            if (commit.ExpectedVersion != _assignmentVersion)
            {
                return Task.FromResult(new CommitResult(CommitOutcome.Overtaken, _assignmentVersion));
            }

            Write(commit);
            return Task.FromResult(new CommitResult(CommitOutcome.Committed, _assignmentVersion));
        }
    }

    public Task<bool> SetOwnStateAsync(string node, long incarnation, MemberState state, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(SetState(node, incarnation, state));
        }
    }

    public Task<bool> OrderAsync(OperatorOrder order, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(Carry(order));
        }
    }

    public Task<StoredConfig?> ReadConfigAsync(long afterVersion, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(_configs.Count > afterVersion ? _configs[^1] : null);
        }
    }

    public Task<long?> PublishConfigAsync(long expectedVersion, byte[] payload, string publishedBy, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (expectedVersion != _configs.Count)
            {
                return Task.FromResult<long?>(null);
            }

            _configs.Add(new StoredConfig(_configs.Count + 1, payload, publishedBy, time.GetUtcNow()));
            Ring();
            return Task.FromResult<long?>(_configs.Count);
        }
    }

    public Task<IReadOnlyList<ClusterEvent>> ReadEventsAsync(long afterId, int limit, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<ClusterEvent>>([.. _events.Where(entry => entry.Id > afterId).Reverse().Take(limit)]);
        }
    }

    public Task NoteAsync(ClusterEvent noted, CancellationToken cancellation)
    {
        lock (_lock)
        {
            Note(noted);
            return Task.CompletedTask;
        }
    }

    public async Task<bool> WaitForDoorbellAsync(TimeSpan longest, CancellationToken cancellation)
    {
        Task rung;
        lock (_lock)
        {
            rung = _doorbell.Task;
        }

        try
        {
            await rung.WaitAsync(longest, time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Ring()
    {
        _doorbell.TrySetResult();
        _doorbell = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Note(ClusterEvent noted)
    {
        _events.Enqueue(noted with { Id = ++_lastEvent, At = time.GetUtcNow() });
        if (_events.Count > EventsKept)
        {
            _events.Dequeue();
        }
    }
}
