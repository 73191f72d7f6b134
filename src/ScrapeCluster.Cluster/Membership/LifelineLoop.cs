using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Time;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// One turn after the other: join, beat, keep the lease, measure the clock. Pure but for the store it talks to; <see cref="LifelineThread"/> turns it.
/// </summary>
internal sealed class LifelineLoop(ILifeline store, ClusterTime time, Func<JoinRequest> join, Func<long, Heartbeat> beat, LeaseTerms terms)
{
    private static readonly TimeSpan AfterSilence = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan LongestStagger = TimeSpan.FromMilliseconds(200);

    private readonly LeaseKeeper _keeper = new(terms);
    private readonly OffsetFilter _offsets = new();
    private long? _incarnation;
    private long _leastEpoch;
    private bool _resigns;
    private bool _isSilent;
    private TimeSpan? _stagger;

    public LifelineReport Last { get; private set; } = LifelineReport.None;

    /// <summary>
    /// A store that is silent is looked after more often, since nothing says when it is back. A lease that its holder does not renew is taken right when it ends: not
    /// by all at once, and not up to a turn later.
    /// </summary>
    public TimeSpan NextTurnIn => _isSilent ? AfterSilence
        : Last is { LeaderEpoch: null, Fault: null, LeaseEndsIn: { } endsIn } && endsIn > TimeSpan.Zero && endsIn + Stagger < terms.Renewal ? endsIn + Stagger
        : terms.Renewal;

    /// <param name="now">Monotonic.</param>
    public LifelineReport Turn(TimeSpan now, TimeSpan lateness)
    {
        try
        {
            Last = TryTurn(now) with { Lateness = lateness };
            _isSilent = false;
        }
        catch (StoreUnavailableException fault)
        {
            _isSilent = fault.IsSilent;

            // Nothing is concluded from silence: what was granted is believed until its trust ends.
            Last = Last with { Fault = fault.Message, LeaderEpoch = _keeper.IsLeader(now) ? _keeper.Epoch : null, Lateness = lateness, ClockStep = TimeSpan.Zero };
        }

        return Last;
    }

    public void LeaderDied(long epoch) => _keeper.LeaderDied(epoch);

    public void Abstain(TimeSpan now)
    {
        _keeper.Abstain(now);
        _resigns = true;
    }

    /// <summary>A member has seen this epoch: ours must be above it (the database was restored, or a failover lost commits).</summary>
    public void JumpAbove(long epoch) => _leastEpoch = Math.Max(_leastEpoch, epoch + 1);

    /// <summary>Gives the lease back, for a stop in order.</summary>
    public void Resign()
    {
        if (_incarnation is { } incarnation)
        {
            store.Resign(Roles.Leader, join().Node, incarnation, _keeper.Epoch);
        }
    }

    private LifelineReport TryTurn(TimeSpan now)
    {
        var node = join();
        if (_incarnation is null && Join(node) is { } refusal)
        {
            return LifelineReport.None with { Refusal = refusal };
        }

        var sentAt = time.Unadjusted();
        var answer = store.Beat(beat(_incarnation!.Value));
        var step = time.Adjust(_offsets.Add(sentAt, answer.StoreTime, time.Unadjusted()));
        _keeper.See(answer.Lease);
        if (!answer.IsAccepted && answer.StoredIncarnation < _incarnation)
        {
            // Nobody ended this incarnation: the store went back to a time before it. It is entered again, and what was granted to it is void.
            _incarnation = null;
            _keeper.Lose();
            return TryTurn(now);
        }

        if (!answer.IsAccepted)
        {
            // This incarnation is over. The next turn joins as another, after its actors have heard of it.
            _incarnation = null;
            _keeper.Lose();
            return LifelineReport.None with { Lease = answer.Lease, AssignmentVersion = answer.AssignmentVersion, ConfigVersion = answer.ConfigVersion, RosterVersion = answer.RosterVersion, ClockStep = step };
        }

        if (_resigns)
        {
            store.Resign(Roles.Leader, node.Node, _incarnation!.Value, _keeper.Epoch);
            _resigns = false;
        }

        // A node that leaves takes no lease any more; one that just joined may, else a cluster could never begin.
        var leads = _keeper.IsLeader(now);
        if ((leads || answer.State != MemberState.Leaving) && (_keeper.WantsToAsk(now) || (leads && _keeper.Epoch < _leastEpoch)))
        {
            _keeper.Answered(store.Hold(Roles.Leader, node.Node, _incarnation!.Value, terms.TimeToLive, _keeper.EarlyFromEpoch, _leastEpoch), now);
        }

        leads = _keeper.IsLeader(now);
        return new LifelineReport(
            _incarnation, answer.State, _keeper.Lease, leads ? _keeper.Epoch : null, leads ? _keeper.TrustedUntil : TimeSpan.Zero,
            answer.AssignmentVersion, answer.ConfigVersion, null, null, TimeSpan.Zero)
        { RosterVersion = answer.RosterVersion, ClockStep = step, LeaseEndsIn = answer.LeaseEndsIn };
    }

    /// <summary>Each node's own, from its name.</summary>
    private TimeSpan Stagger => _stagger ??= LongestStagger * ((XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes(join().Node)) & 0xff) / 256.0);

    /// <returns>Why not; null when this node is a member now.</returns>
    private string? Join(JoinRequest node)
    {
        var joined = store.Join(node);
        _incarnation = joined.Incarnation;
        return joined.Incarnation is null ? joined.Refusal : null;
    }
}
