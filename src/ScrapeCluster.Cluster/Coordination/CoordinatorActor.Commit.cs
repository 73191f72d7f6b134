using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>The pipeline: read once, then decide, commit, follow, one at a time.</summary>
public sealed partial class CoordinatorActor
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private ColdStart? _start;
    private bool _isLoaded;
    private bool _isReading;
    private bool _isFenced;
    private bool _planIsDue = true;
    private bool _isAnnounced;
    private readonly StoreSilence _silence = new();
    private Draft? _inFlight;
    private TimeSpan _commitTakes;

    private sealed record StoreRead(ClusterView View, IReadOnlyDictionary<BucketRef, KnownSet> Sets);

    private sealed record StoreSilent(Exception Cause);

    /// <param name="Result">Null when nobody knows what became of it.</param>
    private sealed record CommitEnded(Draft Draft, CommitResult? Result, Exception? Cause, TimeSpan Took);

    private sealed record ReadDue
    {
        public static readonly ReadDue Instance = new();
    }

    private void Read()
    {
        _isLoaded = false;
        if (_isReading || _isFenced)
        {
            return;
        }

        _isReading = true;
        var known = new Dictionary<BucketRef, KnownSet>(_ledger.Sets);
        Beside(() => ReadAsync(_context.Store, known)).Unwrap().PipeTo(Self, Self, failure: static cause => new StoreSilent(cause));
    }

    /// <summary>All rows, and the sets that are not known in their present version. Unpacking them takes its time, so it is done here.</summary>
    private static async Task<StoreRead> ReadAsync(ICoordinationStore store, Dictionary<BucketRef, KnownSet> known)
    {
        var view = await store.ReadAsync(0, CancellationToken.None);
        var sets = view.TargetSetVersions.Where(set => known.GetValueOrDefault(set.Key).Version == set.Value).ToDictionary(set => set.Key, set => known[set.Key]);
        if (sets.Count < view.TargetSetVersions.Count)
        {
            var missing = view.TargetSetVersions.Keys.Where(bucket => !sets.ContainsKey(bucket)).ToList();
            foreach (var stored in await store.ReadTargetSetsAsync(sets.Count == 0 ? null : missing, CancellationToken.None))
            {
                sets[stored.Bucket] = JobEncoder.Describe(stored);
            }
        }

        return new StoreRead(view, sets);
    }

    private Task<T> Beside<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _beside);

    private void Load(StoreRead read)
    {
        _isReading = false;
        _isLoaded = true;
        if (_silence.Ends(_context.Time.GetElapsedTime(0)) is { } silent)
        {
            LogStoreAnswers(silent.TotalSeconds);
        }

        _ledger.Load(read.View, read.Sets);
        _reports.Keep(_ledger.Sets);
        _start ??= ColdStart.Of(_terms, read.View, Now);
        LogLoaded(_epoch, _ledger.Members.Count, _ledger.Rows.Count, _ledger.Version);
        MembersChanged();
        EncodeWaiting();
        Decide();
    }

    private void ReadAgain(StoreSilent silent)
    {
        if (_silence.Goes(_context.Time.GetElapsedTime(0)))
        {
            LogStoreSilent(silent.Cause.Message, RetryAfter);
        }

        _isReading = false;
        Timers.StartSingleTimer(nameof(ReadDue), ReadDue.Instance, RetryAfter);
    }

    private void Decide()
    {
        if (!_isLoaded || _inFlight is not null || !Leads || _ledger.HasGoneBack)
        {
            return;
        }

        OpenPlacement();
        var draft = Decision.Make(SituationNow(_trigger.Evens));
        _planIsDue &= draft.Plan is null;
        if (draft.IsEmpty)
        {
            Follow(draft);
            return;
        }

        _inFlight = draft;
        var start = _context.Time.GetTimestamp();
        _context.Store.CommitAsync(draft.ToCommit(_terms.Node, _epoch), CancellationToken.None).PipeTo(
            Self,
            Self,
            result => new CommitEnded(draft, result, null, _context.Time.GetElapsedTime(start)),
            cause => new CommitEnded(draft, null, cause, _context.Time.GetElapsedTime(start)));
    }

    private Situation SituationNow(Evening evens) => new(_terms, _ledger, _reports, _moves, Now)
    {
        Deaths = _deaths,
        Left = _left,
        Releases = [.. _releases.Select(release => release.Bucket)],
        Jobs = _encoded.Values,
        Configured = _configured,
        IsOpen = _start?.IsOpen == true,
        PlanIsDue = _planIsDue,
        Evens = evens,
        IsNewLeader = !_isAnnounced,
        CommitTakes = _commitTakes,
    };

    private void OpenPlacement()
    {
        if (_start is { IsOpen: false } start && start.Open(_ledger.Members.Count(member => member.State == MemberState.Up), Now))
        {
            LogPlacementOpens(_ledger.Members.Count(member => member.State == MemberState.Up), _terms.MinMembers);
            _planIsDue = true;
        }
    }

    private void End(CommitEnded ended)
    {
        if (ended.Draft != _inFlight)
        {
            // Of this actor before it was restarted.
            return;
        }

        _inFlight = null;
        _commitTakes = ended.Took > _commitTakes ? ended.Took : (_commitTakes + ended.Took) / 2;
        _metrics.Committed(ended.Result?.Outcome);
        switch (ended.Result)
        {
            case { Outcome: CommitOutcome.Committed } result:
                _isAnnounced = true;
                _left.RemoveRange(0, ended.Draft.Left);
                SplitLoads(ended.Draft);
                _ledger.Apply(ended.Draft, _epoch, result.Version);
                Follow(ended.Draft);
                Decide();
                break;
            case { Outcome: CommitOutcome.Fenced }:
                // The lease is another's. Whoever started us will hear it too, and stop us.
                LogFenced(_epoch);
                _isFenced = true;
                break;
            case { Outcome: CommitOutcome.Overtaken }:
                LogOvertaken(_ledger.Version, ended.Result.Version);
                _planIsDue = true;
                Read();
                break;
            default:
                _planIsDue = true;
                _isLoaded = false;
                ReadAgain(new StoreSilent(ended.Cause!));
                break;
        }
    }

    /// <summary>What a decision means for all that is not in the store.</summary>
    private void Follow(Draft draft)
    {
        foreach (var job in draft.Jobs.Where(job => _encoded.GetValueOrDefault(job.Source.Job) == job))
        {
            _encoded.Remove(job.Source.Job);
        }

        foreach (var node in draft.Died.Keys)
        {
            _deaths.Remove(node);
            _reports.Forget(node);
        }

        _reports.Keep(_ledger.Sets);
        if (draft.Members.Count > 0)
        {
            MembersChanged();
        }

        MovesCommitted(draft);
        Released(draft);
        if (draft.Plan is { } plan)
        {
            _lastPlan = plan;
            Want(plan);
        }

        if (draft.Plan is not null || !draft.IsEmpty)
        {
            Publish();
        }
    }
}
