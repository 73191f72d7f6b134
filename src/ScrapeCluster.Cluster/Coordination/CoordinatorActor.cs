using Microsoft.Extensions.Logging;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>
/// Decides for the whole cluster, under one epoch: who is a member, into which buckets jobs are cut, who scrapes them, what moves. <c>/user/coordinator</c>, on the
/// leader only.
/// <code>
/// news, target sets, loads -> Decision (pure, from the ledger) -> one commit -> ledger follows -> moves go on
/// </code>
/// At most one commit is in flight; all that comes meanwhile goes into the next.
/// </summary>
public sealed partial class CoordinatorActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(500);

    private readonly ClusterContext _context;
    private readonly ClusterTerms _terms;
    private readonly long _epoch;
    private readonly ILeadership _leadership;
    private readonly TaskScheduler _beside;
    private readonly CoordinatorMetrics _metrics;
    private readonly ILogger<CoordinatorActor> _logger;

    private readonly Ledger _ledger = new();
    private readonly NodeReports _reports = new();
    private readonly MoveQueue _moves;
    private readonly Dictionary<string, Death> _deaths = new(StringComparer.Ordinal);
    private readonly List<Member> _left = [];
    private IReadOnlyCollection<string>? _configured;

    private CoordinatorActor(ClusterContext context, long epoch, ILeadership leadership, TaskScheduler beside)
    {
        _context = context;
        _terms = context.Terms;
        _epoch = epoch;
        _leadership = leadership;
        _beside = beside;
        _metrics = new CoordinatorMetrics(context.Metrics, context.Board);
        _moves = new MoveQueue(_terms.Moves);
        _logger = context.Loggers.CreateLogger<CoordinatorActor>();
    }

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }

    private sealed record RoundDue
    {
        public static readonly RoundDue Instance = new();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => _context.Time.GetUtcNow();

    /// <summary>A doubt is enough to do nothing: the store refuses what comes of it anyway, but nothing may be sent either.</summary>
    private bool Leads => !_isFenced && _leadership.EpochNow == _epoch;

    public static Props Props(ClusterContext context, long epoch, ILeadership leadership) => Props(context, epoch, leadership, TaskScheduler.Default);

    /// <param name="beside">Where target sets are packed and unpacked.</param>
    internal static Props Props(ClusterContext context, long epoch, ILeadership leadership, TaskScheduler beside) =>
        Actors.Props.Create(() => new CoordinatorActor(context, epoch, leadership, beside));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe<ClusterNews.Viewed>(Self);
        Context.System.EventStream.Subscribe<ClusterNews.MemberReported>(Self);
        Context.System.EventStream.Subscribe<ClusterNews.MemberDied>(Self);
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickInterval);
        Timers.StartPeriodicTimer(nameof(RoundDue), RoundDue.Instance, _terms.PlanInterval);
        Read();
        Context.System.EventStream.Publish(RepeatDeaths.Instance);
    }

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Context.System.EventStream.Publish(new CoordinatorRestarted());
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _context.Board.Publish((LeaderPicture?)null);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case JobTargets targets:
                Take(targets);
                break;
            case JobsConfigured jobs:
                Take(jobs);
                break;
            case JobEncoded encoded:
                Take(encoded);
                break;
            case ClusterNews.Viewed viewed:
                See(viewed.View);
                break;
            case ClusterNews.MemberReported reported:
                Take(reported);
                break;
            case ClusterNews.MemberDied died:
                Take(died);
                break;
            case StoreRead read:
                Load(read);
                break;
            case StoreSilent silent:
                ReadAgain(silent);
                break;
            case ReadDue:
                Read();
                break;
            case CommitEnded ended:
                End(ended);
                break;
            case PrepareEnded prepared:
                Take(prepared);
                break;
            case Tick:
                GoOn();
                break;
            case RoundDue:
                Round();
                break;
            case DescribePlan:
                Describe();
                break;
            case RebalanceNow:
                Rebalance();
                break;
            case ReleaseBucket order:
                Release(order);
                break;
            default:
                Unhandled(message);
                break;
        }

        PublishMoves();
    }

    private void See(ClusterView view)
    {
        if (!_isLoaded)
        {
            return;
        }

        if (view.AssignmentVersion > _ledger.Version && _inFlight is null)
        {
            // Nobody else writes under our epoch: a commit of ours that seemed lost, or a lease that is lost.
            Read();
            return;
        }

        var before = _ledger.Members.Where(member => member.State == MemberState.Leaving).ToList();
        if (_ledger.See(view))
        {
            _left.AddRange(before.Where(member => _ledger.Find(member.Node) is { State: MemberState.Down } now && now.Incarnation == member.Incarnation));
            MembersChanged();
            Decide();
        }
    }

    private void Take(ClusterNews.MemberReported reported)
    {
        var before = _reports.Of(reported.Node);
        _reports.Take(reported.Node, reported.Frame);
        Settle(reported.Node);
        var isAwaited = _ledger.Find(reported.Node) is { State: MemberState.Joining };
        if (isAwaited || before is null)
        {
            Decide();
        }
    }

    private void Take(ClusterNews.MemberDied died)
    {
        if (died.Node == _terms.Node)
        {
            return;
        }

        _deaths[died.Node] = new Death(died.Incarnation, died.Reason);
        Abandon(_moves.NodeGone(died.Node));
        Decide();
    }

    private void GoOn()
    {
        Abandon(_moves.Expire(Now));
        EvenOutForNewcomers();
        EncodeWaiting();
        Decide();
        Reconsider();
        BeginMoves();
    }
}
