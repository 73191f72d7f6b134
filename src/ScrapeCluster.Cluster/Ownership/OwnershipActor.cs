using Microsoft.Extensions.Logging;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>
/// Turns committed rows into what this node's pools do: reads the target sets that it needs, gives the pools whole plans with windows, and carries out this node's
/// side of every move. <c>/user/ownership</c>.
/// </summary>
/// <remarks>
/// A message changes what is known, by <see cref="OwnedSlot"/>'s rules; <see cref="Settle"/> then tells the pools, the peers and the board what is new.
/// Everything that waits, store and peers, is beside the actor, limited in time and in number.
/// </remarks>
public sealed partial class OwnershipActor : UntypedActor, IWithTimers
{
    private const long InheritanceBytes = 256L << 20;
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);

    private readonly ClusterContext _context;
    private readonly string _self;
    private readonly IActorRef _pools;
    private readonly long _start;
    private readonly OwnershipMetrics _metrics;
    private readonly ILogger<OwnershipActor> _logger;

    private readonly Dictionary<SlotKey, HeldSlot> _slots = [];
    private readonly Dictionary<SlotKey, Departure> _departures = [];
    private readonly Dictionary<SlotKey, Preparation> _preparing = [];
    private readonly List<PrepareWait> _prepareWaits = [];
    private readonly TargetShelf _shelf = new();
    private readonly PlanBook _plans = new();
    private readonly Inheritance _inheritance = new(InheritanceBytes);
    private readonly AcknowledgeOutbox _acknowledgements;
    private readonly Replicas _replicas = new();

    private IReadOnlyDictionary<string, Member> _members = new Dictionary<string, Member>();
    private Heirs _heirs = Heirs.None;
    private string _heirNames = "";
    private long _applied;
    private long _highestEpoch;
    private int _handOversOnTheirWay;
    private int _bequestsOnTheirWay;
    private bool _isReading;
    private bool _isStoreSilent;

    /// <summary>What the next <see cref="Settle"/> has to look at.</summary>
    private readonly HashSet<PoolKey> _changedPools = [];
    private readonly HashSet<HeldSlot> _arrivals = [];
    private bool _setsAreDue;
    private bool _reportIsDue;

    /// <summary>No leader waits for it: it is in the next picture.</summary>
    private bool _inheritsMore;

    private OwnershipActor(ClusterContext context, IActorRef pools)
    {
        _context = context;
        _self = context.Terms.Node;
        _pools = pools;
        _start = context.Time.GetTimestamp();
        _metrics = new OwnershipMetrics(context.Metrics);
        _logger = context.Loggers.CreateLogger<OwnershipActor>();
        _acknowledgements = new AcknowledgeOutbox(_self);
        _sent = new SentOutbox(_self);
    }

    /// <summary>How many reads and calls are under way beside the actor: with none, and no message, nothing happens before the next tick.</summary>
    internal sealed record CountUnderWay;

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Cluster time: of rows and windows.</summary>
    private DateTimeOffset Now => _context.Time.GetUtcNow();

    /// <summary>Of what this actor waits for by itself, so that a step of cluster time neither delays nor hurries it.</summary>
    private DateTimeOffset Steady => DateTimeOffset.UnixEpoch + _context.Time.GetElapsedTime(_start);

    /// <param name="pools">The node's pools, which are told <see cref="SlotPlan"/> and its kin.</param>
    public static Props Props(ClusterContext context, IActorRef pools) => Actors.Props.Create(() => new OwnershipActor(context, pools));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ClusterNews));
        AnswerPeers(Self);
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TickInterval);
    }

    /// <summary>The pools scrape on; what is theirs is read anew from the rows that the node knows.</summary>
    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        LogRestarted(reason);
        StartAnew();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterNews.Joined:
                _isFirstView = true;
                break;
            case ClusterNews.Viewed viewed:
                Read(viewed);
                break;
            case ClusterNews.Restored restored:
                Restore(restored);
                break;
            case ClusterNews.Expelled:
                Expel();
                break;
            case ClusterNews.MemberGone gone:
                Miss(gone.Node);
                break;
            case ClusterNews:
                return;
            case SetsRead read:
                Take(read);
                break;
            case PrepareRequest request:
                Prepare(request);
                break;
            case AcknowledgeRequest request:
                Acknowledge(request);
                break;
            case HandOverRequest request:
                TakeOver(request);
                break;
            case BequeathRequest request:
                Inherit(request);
                break;
            case SentRequest request:
                HearSent(request);
                break;
            case TargetsPrepared { Tag: PrepareTag tag }:
                Prepared(tag);
                break;
            case TargetsReleased { Tag: ReleaseTag tag } released:
                Released(tag, released.Lines);
                break;
            case LinesCollected { Tag: CollectTag tag } collected:
                Bequeath(tag, collected.Lines);
                break;
            case TargetsReleased:
                return;
            case AcknowledgeEnded ended:
                _acknowledgements.Ended(ended.To);
                break;
            case HandOverEnded ended:
                HandedOver(ended);
                break;
            case QueuePushed pushed:
                Pushed(pushed);
                break;
            case SentEnded ended:
                _sent.Ended(ended.To, ended.Queue, ended.Arrived);
                break;
            case BequestEnded ended:
                Bequeathed(ended);
                break;
            case ResendSlotPlans:
                Resend();
                break;
            case Tick:
                OnTick();
                break;
            case CountUnderWay:
                Sender.Tell((_isReading ? 1 : 0) + _acknowledgements.OnTheirWay + _handOversOnTheirWay + _bequestsOnTheirWay + _sent.OnTheirWay, Self);
                return;
            default:
                Unhandled(message);
                return;
        }

        Settle();
    }

    /// <summary>After every message: what it changed is told to whom it concerns.</summary>
    private void Settle()
    {
        var steady = Steady;
        ReadSets(steady);
        TellPlans();
        TellPreparing();
        AnswerPrepares(steady);
        SendAcknowledgements();
        SendHandOvers();
        SaySent();
        Report();
    }

    private void OnTick()
    {
        var now = Now;
        foreach (var slot in _slots.Values)
        {
            Do(slot, slot.Rules.Tick(now));
            CountDoubled(slot, now);
        }

        var steady = Steady;
        ForgetWhatIsOver();
        ForgetPreparations(steady);
        RepeatHandOvers();
        TickHolds(steady);
        PushOwed();
        Bequeath(now, steady);
        MeasureLoads(steady);
        _setsAreDue = true;
    }

    private void Resend()
    {
        _plans.Forget();
        foreach (var slot in _slots.Values)
        {
            _changedPools.Add(slot.Pool);
        }

        // What was to be released ran in the pools that are gone: they answer for it too, with no lines.
        foreach (var departure in _departures.Values.Where(departure => departure.Lines is null))
        {
            _pools.Tell(new ReleaseTargets(departure.Key.Bucket.Job, departure.Key.Slot, [], new ReleaseTag(departure.Key, departure.Version)), Self);
        }

        foreach (var preparation in _preparing.Values)
        {
            preparation.IsTold = false;
        }
    }
}
