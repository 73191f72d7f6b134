using Microsoft.Extensions.Logging;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// The leader's eye on all members, for one epoch: a stream to each, this node's own frames beside them, and the verdicts of <see cref="MemberRules"/>. Child of
/// the membership actor, which tells it of members, of ticks and of its own health.
/// </summary>
internal sealed partial class WatchActor : ReceiveActor
{
    private readonly ClusterContext _context;
    private readonly long _epoch;
    private readonly FrameSource _own;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _ended = new();

    /// <summary>What tells this actor of its own accord: it outlives them.</summary>
    private readonly List<Task> _speakers = [];
    private readonly Dictionary<string, WatchedMember> _members = new(StringComparer.Ordinal);
    private TimeSpan? _viewedAt;
    private LeaderDoubt? _predecessor;
    private bool _isSick;
    private bool _resigns;

    private WatchActor(ClusterContext context, long epoch, FrameSource own)
    {
        _context = context;
        _epoch = epoch;
        _own = own;
        _log = context.Loggers.CreateLogger<WatchActor>();

        Receive<ClusterView>(See);
        Receive<FrameCame>(Report);
        Receive<MemberFrame>(frame => Publish(context.Terms.Node, frame));
        Receive<StreamBroke>(Break);
        Receive<WatchTick>(Tick);
        Receive<LeaderDoubt>(Take);
        Receive<EndWatch>(_ => End());
        Receive<RepeatDeaths>(_ => Repeat());
        Receive<MembershipActor.UnderWay>(count => Sender.Tell(count, Self));
    }

    public static Props Props(ClusterContext context, long epoch, FrameSource own) => Actors.Props.Create(() => new WatchActor(context, epoch, own));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe<RepeatDeaths>(Self);
        _speakers.Add(ReportOwnAsync(_own, _epoch, Self, _ended.Token));
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        if (!_ended.IsCancellationRequested)
        {
            Silence();
        }
    }

    private static async Task ReportOwnAsync(FrameSource own, long epoch, IActorRef self, CancellationToken cancellation)
    {
        try
        {
            await foreach (var frame in own.ReportAsync(epoch, cancellation))
            {
                self.Tell(frame, ActorRefs.NoSender);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The actor has stopped.
        }
    }

    private void See(ClusterView view)
    {
        _viewedAt = Now();
        var others = view.Members.Where(member => member.State != MemberState.Down && member.Node != _context.Terms.Node).ToDictionary(member => member.Node);
        foreach (var gone in _members.Values.Where(member => others.GetValueOrDefault(member.Node)?.Incarnation != member.Incarnation).ToList())
        {
            gone.Dispose();
            _members.Remove(gone.Node);
        }

        foreach (var member in others.Values)
        {
            if (_members.TryGetValue(member.Node, out var known))
            {
                known.SeenAgo = member.SeenAgo;
            }
            else
            {
                Begin(_members[member.Node] = new WatchedMember(member));
            }
        }

        CountPredecessor();
        Judge();
    }

    private void Take(LeaderDoubt predecessor)
    {
        _predecessor = predecessor;
        CountPredecessor();
        Judge();
    }

    /// <summary>Its silence began while it led, and is not counted anew.</summary>
    private void CountPredecessor()
    {
        if (_predecessor is { } predecessor && Known(predecessor.Node, predecessor.Incarnation) is { } member)
        {
            member.WasSilent(predecessor.Missed);
            _predecessor = null;
        }
    }

    private void Begin(WatchedMember member)
    {
        var request = new WatchRequest { Leader = _context.Terms.Node, Epoch = _epoch };
        var stream = new MemberStream(_context.Peers, _context.Time, new PeerAddress(member.Node, member.Address), member.Incarnation, request, Self);
        _speakers.RemoveAll(static speaker => speaker.IsCompleted);
        _speakers.Add(stream.RunAsync(member.Ended));
    }

    private void Report(FrameCame came)
    {
        if (Known(came.Node, came.Incarnation) is not { } member)
        {
            return;
        }

        if (came.Frame.Incarnation != member.Incarnation)
        {
            // It restarted, and the store says so soon.
            Context.Parent.Tell(new ReadStore(0));
            return;
        }

        Context.Parent.Tell(new MemberClaimed(came.Frame.AppliedAssignments, came.Frame.HighestEpoch));
        var isFirst = !member.HasSpoken;
        if (member.Take(came.Frame) is { } full)
        {
            Publish(member.Node, full);
        }

        if (isFirst)
        {
            Judge();
        }
    }

    private void Publish(string node, MemberFrame frame) => Context.System.EventStream.Publish(new ClusterNews.MemberReported(node, frame));

    private void Break(StreamBroke broke)
    {
        if (Known(broke.Node, broke.Incarnation) is { } member)
        {
            LogBroke(member.Node, member.Incarnation, broke.Fault, broke.IsRefused);
            member.Broke(broke.Fault, broke.IsRefused);
            Judge();
        }
    }

    private void Tick(WatchTick tick)
    {
        _isSick = tick.IsSick;
        foreach (var member in _members.Values)
        {
            member.Tick(judges: !_isSick);
        }

        if (_members.Values.Any(member => member.Missed >= MemberRules.ProbesMissed - 1))
        {
            // The second witness: its heartbeat as the store sees it now.
            Context.Parent.Tell(new ReadStore(0));
        }

        Repeat();
        Judge();
        _context.Board.Reach(_members.Values.ToDictionary(member => member.Node, member => member.Signs));
    }

    /// <summary>Said until the store says so too: a coordinator may have begun, or begun anew, after the first time.</summary>
    private void Repeat()
    {
        foreach (var member in _members.Values.Where(member => member.IsDeclared))
        {
            Context.System.EventStream.Publish(member.Death!);
        }
    }

    private void Judge()
    {
        if (_isSick || _resigns || _context.Leadership.EpochNow != _epoch)
        {
            return;
        }

        // What the store said of heartbeats counts while it is fresh; without a store nobody dies of silence.
        var hasStore = _viewedAt is { } viewedAt && Now() - viewedAt <= MemberRules.FreshFor;
        var signs = _members.Values.Where(member => !member.IsDeclared && !member.IsRefused).Select(member => member.Signs).ToList();
        if (hasStore && MemberRules.MustResign(signs))
        {
            _resigns = true;
            LogResigns(_epoch, string.Join(", ", _members.Values.Where(member => member.Missed >= MemberRules.ProbesMissed).Select(member => member.Node)));
            Context.Parent.Tell(MustAbstain.Instance);
            return;
        }

        var judgesSilence = hasStore && MemberRules.MayJudgeSilence(signs);
        foreach (var member in _members.Values.Where(member => !member.IsDeclared && (judgesSilence || member.IsRefused) && MemberRules.Of(member.Signs) == Verdict.Dead))
        {
            var reason = member.IsRefused
                ? $"its stream broke ({member.Fault}) and its port refuses"
                : $"silent for {member.Missed} probes, last heartbeat {member.SeenAgo.TotalSeconds:0.0} s ago";
            LogDied(member.Node, member.Incarnation, reason);
            Context.System.EventStream.Publish(member.Death = new ClusterNews.MemberDied(member.Node, member.Incarnation, reason));
        }
    }

    /// <summary>The epoch is over: nothing is concluded any more, and the actor ends when nobody is left that could tell it anything.</summary>
    private void End()
    {
        Silence();
        Become(() =>
        {
            Receive<AllSilent>(_ => Context.Stop(Self));
            ReceiveAny(static _ => { });
        });
        Task.WhenAll(_speakers).PipeTo(Self, success: static () => AllSilent.Instance, failure: static _ => AllSilent.Instance);
    }

    private void Silence()
    {
        _ended.Cancel();
        foreach (var member in _members.Values)
        {
            member.Dispose();
        }

        _members.Clear();
        _context.Board.Reach(null);
    }

    private WatchedMember? Known(string node, long incarnation) =>
        _members.TryGetValue(node, out var member) && member.Incarnation == incarnation && !member.IsDeclared ? member : null;

    private TimeSpan Now() => _context.Time.GetElapsedTime(0);

    private sealed class AllSilent
    {
        public static readonly AllSilent Instance = new();
    }
}

/// <summary>The last that the membership actor tells it.</summary>
internal sealed class EndWatch
{
    public static readonly EndWatch Instance = new();
}

/// <param name="IsSick">This node's ticks, thread pool or lifeline were late.</param>
internal sealed record WatchTick(bool IsSick);

/// <summary>What a member says that it has read and seen.</summary>
internal sealed record MemberClaimed(long AppliedAssignments, long HighestEpoch);

internal sealed class MustAbstain
{
    public static readonly MustAbstain Instance = new();
}
