using Google.Protobuf;
using Microsoft.Extensions.Logging;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Time;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// This node as a member: owns the lifeline, reads the store, tells all other actors what became of the cluster (<see cref="ClusterNews"/>), and leaves in order.
/// The leader's eye on the members is its child <c>watch</c>.
/// </summary>
public sealed partial class MembershipActor : ReceiveActor, IWithTimers
{
    private readonly ClusterContext _context;
    private readonly ClusterTerms _terms;
    private readonly Func<LifelineLoop, Action<LifelineReport>, ILifelineHand> _startLifeline;
    private readonly EpochMark _epochs = new();
    private readonly SelfDoubt _doubt = new();
    private readonly ProgressWatch _progress = new();
    private readonly FrameSource _frames;
    private readonly MembershipMetrics _metrics;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _ended = new();

    private ILifelineHand _lifeline = null!;
    private LeaderStreams _streams = null!;
    private LifelineReport _report = LifelineReport.None;
    private long? _incarnation;
    private long? _leads;
    private IActorRef _watch = ActorRefs.Nobody;
    private int _poolQuestions;

    private MembershipActor(ClusterContext context, Func<LifelineLoop, Action<LifelineReport>, ILifelineHand> startLifeline)
    {
        _context = context;
        _terms = context.Terms;
        _startLifeline = startLifeline;
        _frames = new FrameSource(context, _epochs, _doubt);
        _metrics = new MembershipMetrics(context, _epochs);
        _log = context.Loggers.CreateLogger<MembershipActor>();
        _wholeRosterEvery = Spread(WholeRosterEvery, OwnRandom());
        _file = context.DataDirectory is { } directory ? new AssignmentFile(directory) : null;

        Receive<LifelineReport>(Hear);
        Receive<MemberTick>(_ => Tick());
        Receive<PoolAnswered>(HearPool);

        Receive<DoorbellRang>(_ => Read());
        Receive<LookDue>(_ => Look());
        Receive<ReadStore>(ReadUnlessKnown);
        Receive<StoreRead>(Take);
        Receive<StoreNotRead>(NotRead);

        Receive<LeaderStreamBegan>(began => LogWatched(began.Leader, began.Epoch));
        Receive<LeaderStreamEnded>(ProbeLeader);
        Receive<LeaderProbed>(Probed);
        Receive<LeaderAsked>(Answered);
        Receive<MemberClaimed>(Heed);
        Receive<StoreRepaired>(Repaired);
        Receive<MustAbstain>(_ => _lifeline.Abstain());

        Receive<AssignmentsKept>(Kept);
        Receive<AssignmentsRestored>(Restored);

        Receive<LeaveCluster>(order => Leave(order, Sender));
        Receive<LeaveMarked>(Marked);
        Receive<HasLeft>(Left);
        Receive<EndMembership>(_ => EndInOrder());
        Receive<AllSilent>(_ => Silenced());
        Receive<Terminated>(_ => EndWhenSilent());
        Receive<CountUnderWay>(_ => Count());
    }

    /// <summary>
    /// How much of what this actor has begun beside itself has not come back, answered when what it told the watch before is handled there too: with nothing, and no
    /// message, nothing happens before the next tick.
    /// </summary>
    internal sealed record CountUnderWay;

    internal sealed record UnderWay(int Count);

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ClusterContext context) => Props(
        context, (loop, report) => new LifelineThread(loop, context.Time, report));

    internal static Props Props(ClusterContext context, Func<LifelineLoop, Action<LifelineReport>, ILifelineHand> startLifeline) =>
        Actors.Props.Create(() => new MembershipActor(context, startLifeline));

    protected override void PreStart()
    {
        AnswerPeers();
        RememberKept();
        var self = Self;
        var loop = new LifelineLoop(_context.Store.OpenLifeline(), _context.Time as ClusterTime ?? new ClusterTime(_context.Time), Request, Beat, _terms.Lease);
        _lifeline = _startLifeline(loop, report => Turned(report, self));
        _context.Leadership.Follow(_lifeline);
        _lifeline.Start();
        Outlive(ListenAsync(self, _ended.Token));
        Timers.StartPeriodicTimer(MemberTick.Instance, MemberTick.Instance, MemberRules.ProbeInterval);
    }

    protected override void PostStop()
    {
        _ended.Cancel();
        _context.Leadership.Follow(null);
        _frames.Incarnation = 0;
        if (!_isEnding)
        {
            _lifeline.Dispose();
        }
    }

    private void Count()
    {
        var underWay = new UnderWay(_poolQuestions + (_isReading ? 1 : 0) + (_isMarking ? 1 : 0) + (IsAnswerDue ? 1 : 0));
        (_watch.IsNobody() ? Sender : _watch).Tell(underWay, Sender);
    }

    private void AnswerPeers()
    {
        var self = Self;
        _streams = new LeaderStreams(_frames, _epochs, self);
        _context.Routes.Stream(PeerMethods.Watch, WatchRequest.Parser, _streams.AnswerAsync);
        _context.Routes.Answer(PeerMethods.Pulse, Empty.Parser, (_, _) => Task.FromResult<IMessage>(new Empty()));
        _context.Routes.Answer(PeerMethods.Ring, RingRequest.Parser, (ring, _) =>
        {
            if (!_ended.IsCancellationRequested)
            {
                self.Tell(new ReadStore(ring.Version), ActorRefs.NoSender);
            }

            return Task.FromResult<IMessage>(new Empty());
        });
        _context.Routes.Answer(PeerMethods.Known, Empty.Parser, (_, _) => Task.FromResult<IMessage>(AssignmentMessages.Write(_context.Board.Current, _epochs.Highest)));
    }

    private JoinRequest Request() => new(
        _terms.Node, _terms.DataId, _terms.Address, _terms.ApiAddress, _terms.Zone, _terms.Capacity, ClusterTerms.Protocol, _terms.Version, _terms.Lease.TimeToLive);

    private Heartbeat Beat(long incarnation)
    {
        var config = _context.Config();
        return new Heartbeat(
            _terms.Node, incarnation, _context.Scraping.Loads().Sum(load => load.SamplesPerSecond), _context.Scraping.ScrapesEnded,
            _context.Ownership.Current.AppliedAssignments, config.Version, config.Hash, _epochs.Highest);
    }

    /// <summary>On the lifeline's thread, which turns even when everything else in the process hangs.</summary>
    private void Turned(LifelineReport report, IActorRef self)
    {
        if (_progress.Check(Now(), _context.Scraping.ScrapesEnded, _context.Scraping.ShortestInterval) is { } reason)
        {
            _context.EndProcess(reason);
        }

        self.Tell(report, ActorRefs.NoSender);
    }

    private void Hear(LifelineReport report)
    {
        var before = _report;
        _report = report;
        _heardAt = Now();
        Measure(report, before);
        if (_hasLeft)
        {
            return;
        }

        // In this order: what is over ends before anything new begins.
        LoseLeadIfOver();
        ExpelIfOver(report);
        JoinIfNew(report);
        _epochs.Raise(report.Lease.Epoch);
        LeadIfNew(report);
        DoubtLeader(report);
        ReadIfNewer(report, before);
        LeaveIfOrdered(report);
        RestoreIfBlind(report);
        PublishPicture();
    }

    private void Measure(LifelineReport report, LifelineReport before)
    {
        _metrics.Lateness.Set(report.Lateness.TotalSeconds);
        _doubt.Late(report.Lateness, Now());
        NoteStore(report.Fault, isLifeline: true);
        if (report.Refusal is { } refusal && refusal != before.Refusal)
        {
            LogRefused(refusal);
        }

        if (report.ClockStep != TimeSpan.Zero && _context.Time is ClusterTime time)
        {
            LogClockStep(report.ClockStep.TotalSeconds, time.WallClockError.TotalSeconds);
            WarnOfClock(time.WallClockError);
        }
    }

    private void ExpelIfOver(LifelineReport report)
    {
        if (_incarnation is not { } incarnation || report.Incarnation == incarnation)
        {
            return;
        }

        if (report.Incarnation is { } again)
        {
            // The store went back to a time before this node's join, which says nothing about the node: it entered once more and goes on.
            LogForgotten(incarnation, again);
            _incarnation = again;
            _frames.Incarnation = again;
            return;
        }

        if (_leavesSince is null)
        {
            LogExpelled(incarnation);
        }
        else
        {
            LogReleased(incarnation);
        }

        _incarnation = null;
        _frames.Incarnation = 0;
        RememberLost();
        ForgetViews();
        Publish(new ClusterNews.Expelled(incarnation));
    }

    private void JoinIfNew(LifelineReport report)
    {
        if (_incarnation is not null || report.Incarnation is not { } incarnation)
        {
            return;
        }

        LogJoined(_terms.Cluster, _terms.Node, incarnation);
        _incarnation = incarnation;
        _hasJoined = true;
        _frames.Incarnation = incarnation;
        ForgetViews();
        Publish(new ClusterNews.Joined(incarnation));
        Read();
    }

    private void Tick()
    {
        var now = Now();
        _doubt.Ticked(now);
        AskPool(now);
        LoseLeadIfOver();
        _watch.Tell(new WatchTick(_doubt.IsSick(now)), Self);
        LeaveIfDrained();
        KeepIfChanged();
    }

    /// <summary>How long work waits for a thread: a starved pool makes all others look silent.</summary>
    private void AskPool(TimeSpan askedAt)
    {
        var self = Self;
        _poolQuestions++;
        ThreadPool.UnsafeQueueUserWorkItem(_ => self.Tell(new PoolAnswered(Now() - askedAt), ActorRefs.NoSender), null);
    }

    private void HearPool(PoolAnswered answered)
    {
        _poolQuestions--;
        _doubt.Late(answered.After, Now());
        EndWhenSilent();
    }

    private void Publish(ClusterNews news) => Context.System.EventStream.Publish(news);

    /// <summary>Monotonic, as the lifeline's.</summary>
    private TimeSpan Now() => _context.Time.GetElapsedTime(0);

    private sealed class MemberTick
    {
        public static readonly MemberTick Instance = new();
    }

    private sealed record PoolAnswered(TimeSpan After);
}
