using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>Rounds: is load even, are buckets fine enough; and what is told of it.</summary>
public sealed partial class CoordinatorActor
{
    /// <summary>Buckets whose targets never answered are never measured, and must not keep the others from being evened out.</summary>
    private const int MostRoundsOnGuesses = 12;

    /// <summary>Nodes that are told to stop together say so within this: nothing is moved to one that is about to leave itself.</summary>
    private static readonly TimeSpan LeaveTogether = TimeSpan.FromMilliseconds(300);

    /// <summary>Nodes that are started together join within this: the first is not given a share that the next would take from it again.</summary>
    private static readonly TimeSpan JoinTogether = TimeSpan.FromSeconds(1);

    private BalanceTrigger _trigger;
    private int _roundsOnGuesses;
    private bool _hasNewcomers;

    /// <summary>Null before the first view, which brings no newcomers: what a leader finds its predecessor has seen to, or three rounds will show.</summary>
    private HashSet<(string, long)>? _takers;
    private PlacementPlan? _lastPlan;
    /// <summary>Since when this leader has seen each leaving node leave.</summary>
    private Dictionary<string, DateTimeOffset> _leavingSince = new(StringComparer.Ordinal);
    private DateTimeOffset _movesFrom;
    private DateTimeOffset _fillsFrom;

    private bool CanPlan => _isLoaded && _start?.IsOpen == true && Leads;

    private void Round()
    {
        if (!CanPlan)
        {
            return;
        }

        var loads = BucketLoads.Of(_ledger.Sets, _reports.Measured);
        GrowJobs(loads);
        if (loads.AreKnown || ++_roundsOnGuesses > MostRoundsOnGuesses)
        {
            // Not on guesses, as a new leader's are: what it found is most probably as even as its predecessor left it.
            var plan = PlanNow(Evening.Nothing);
            _trigger = _trigger.Next(plan.MaxOverAverage, plan.MinOverAverage, isStuck: _trigger.IsEvening && NothingFits(), IsAwaiting());
        }

        _planIsDue = true;
        Decide();
    }

    /// <summary>Who can be given slots has changed: placement is looked at again, and a newcomer needs no three rounds of proof that the others have more.</summary>
    private void MembersChanged()
    {
        _planIsDue = true;
        var takers = _ledger.Members.Where(member => member.State == MemberState.Up && !member.IsCordoned).Select(member => (member.Node, member.Incarnation)).ToHashSet();
        if (_takers is not null && takers.Except(_takers).Any())
        {
            _hasNewcomers = true;
            _fillsFrom = Now + JoinTogether;
        }

        _takers = takers;
        var leaving = _ledger.Members.Where(member => member.State == MemberState.Leaving)
            .ToDictionary(member => member.Node, member => _leavingSince.GetValueOrDefault(member.Node, Now), StringComparer.Ordinal);
        if (leaving.Keys.Except(_leavingSince.Keys).Any())
        {
            _movesFrom = Now + LeaveTogether;
        }

        _leavingSince = leaving;
        foreach (var gone in _ledger.Members.Where(member => member.State is MemberState.Down))
        {
            Abandon(_moves.NodeGone(gone.Node));
        }

        _moves.Cancel(move => _ledger.Find(move.To) is not { State: MemberState.Up, IsCordoned: false });
    }

    /// <summary>As soon as all are there, but not on guesses: what is moved on an estimate may have to move back.</summary>
    private void EvenOutForNewcomers()
    {
        if (!_hasNewcomers || Now < _fillsFrom || !CanPlan || _inFlight is not null
            || (_roundsOnGuesses <= MostRoundsOnGuesses && !BucketLoads.Of(_ledger.Sets, _reports.Measured).AreKnown))
        {
            return;
        }

        _hasNewcomers = false;
        if (PlanNow(Evening.Nothing).MinOverAverage < PlacementRules.StartBelow && _trigger.Evens != Evening.All)
        {
            _trigger = BalanceTrigger.ForNewcomer(IsAwaiting());
            _planIsDue = true;
        }
    }

    /// <summary>What is uneven still lies in buckets that are too large to even it out.</summary>
    private bool NothingFits() => !PlanNow(_trigger.Evens).Moves.Any(move => move.Reason == MoveReason.Balance);

    private bool IsAwaiting() => Absences.IsAwaiting(_ledger.Rows.Values, node => _ledger.Find(node)?.State ?? MemberState.Down, _terms.AwaitBack, Now);

    private PlacementPlan PlanNow(Evening evens) =>
        PlacementPlanner.Plan(PlacementRulings.InputOf(SituationNow(evens), new Draft(_ledger), evens));

    private void Describe()
    {
        if (!CanPlan)
        {
            Sender.Tell(WhyNoPlan(), Self);
            return;
        }

        var plan = PlanNow(Evening.All);
        plan = plan with { HeldBack = HeldBack([.. plan.Moves.Where(move => move.From.Length > 0), .. _moves.Wanted]) };
        Sender.Tell(new PlanDescribed(plan, LoadsNow(), [.. _moves.InFlight], _moves.Waiting, Quarantined()), Self);
    }

    private void Rebalance()
    {
        if (!CanPlan)
        {
            Sender.Tell(WhyNoPlan(), Self);
            return;
        }

        Sender.Tell(new RebalanceBegun(PlanNow(Evening.All).Moves), Self);
        _trigger = BalanceTrigger.Now;
        _planIsDue = true;
        Decide();
    }

    private NoPlanYet WhyNoPlan() => new(
        !_isLoaded ? "the leader is still reading the store"
        : !Leads ? "this node is not sure that it leads"
        : $"placement waits for {_terms.MinMembers} members (cluster.min-members) or {_terms.StartTimeout} (cluster.start-timeout)");

    /// <summary>Moves begin, wait and settle also between two commits.</summary>
    private void PublishMoves()
    {
        if (_context.Board.Leader is { } shown && (shown.Waiting != _moves.Waiting || !shown.InFlight.SequenceEqual(_moves.InFlight)))
        {
            Publish();
        }
    }

    private void Publish()
    {
        _context.Board.Publish(new LeaderPicture(
            _context.Board.Reachability ?? new Dictionary<string, MemberSigns>(), _lastPlan, LoadsNow(), [.. _moves.InFlight], _moves.Waiting, Quarantined()));
    }

    private IReadOnlyDictionary<BucketKey, double> LoadsNow() => BucketLoads.Of(_ledger.Sets, _reports.Measured).ByBucket;

    private Dictionary<BucketKey, string> Quarantined()
    {
        var quarantined = new Dictionary<BucketKey, string>();
        foreach (var row in _ledger.Rows.Values.Where(row => row.Owner.Length == 0 && RowReasons.IsQuarantined(row.Reason)))
        {
            quarantined.TryAdd(row.Slot.Bucket, row.Reason);
        }

        return quarantined;
    }
}
