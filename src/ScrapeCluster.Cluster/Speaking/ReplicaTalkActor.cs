using Google.Protobuf;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Speaking;

/// <summary>To <see cref="ReplicaTalkActor"/>: this node is about to end, and has sent what it could. Answered with the same when the others know, or do not answer.</summary>
public sealed record SayLastWords
{
    public static readonly SayLastWords Instance = new();
}

/// <summary>
/// Tells the nodes with the other slots of this node's targets how its scrapes went, four times a second where there is something to tell and each second otherwise: that it
/// lives is news too. One call a node at a time; what does not arrive is told again with what came meanwhile. <c>/user/replica-talk</c>, with <c>remote-write.replicas = primary</c> only.
/// </summary>
public sealed class ReplicaTalkActor : UntypedActor, IWithTimers
{
    private const int TicksBetweenSigns = 4;

    /// <summary>For a node that does not answer: it will have to go by what it hears then.</summary>
    private const int MostWaiting = 50_000;
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    private readonly ClusterContext _context;
    private readonly IReplicaTalk _talk;
    private readonly ReplicaPartners _partners;
    private readonly Dictionary<string, Outbox> _outboxes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _hearers = new(StringComparer.Ordinal);
    private long _rowsVersion = -1;
    private int _ticks;

    private ReplicaTalkActor(ClusterContext context, IReplicaTalk talk)
    {
        _context = context;
        _talk = talk;
        _partners = new ReplicaPartners(context.Terms.Node);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }

    private sealed record Told(string To, bool HasArrived);

    /// <summary>What a node has not been told yet.</summary>
    private sealed class Outbox
    {
        public List<ScrapeEnd> Waiting { get; set; } = [];

        /// <summary>Null: no call is under way.</summary>
        public List<ScrapeEnd>? OnTheirWay { get; set; }

        public int ToldAtTick { get; set; } = -TicksBetweenSigns;

        /// <summary>It did not answer: it is tried again each second only.</summary>
        public bool IsSilent { get; set; }
    }

    public static Props Props(ClusterContext context, IReplicaTalk talk) => Actors.Props.Create(() => new ReplicaTalkActor(context, talk));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ClusterNews));
        var talk = _talk;
        _context.Routes.Answer(PeerMethods.Scraped, ScrapedRequest.Parser, (request, _) =>
        {
            talk.Heard(request);
            return Task.FromResult<IMessage>(new Empty());
        });
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TickInterval);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                OnTick();
                break;
            case Told told:
                OnTold(told);
                break;
            case SayLastWords last:
                TellLast(last);
                break;
            case ClusterNews.MemberGone gone:
                _outboxes.Remove(gone.Node);
                _talk.Gone(gone.Node);
                break;
            case ClusterNews:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnTick()
    {
        var (picture, words) = Gather();
        foreach (var (node, outbox) in _outboxes)
        {
            if (outbox.OnTheirWay is null && ((outbox.Waiting.Count > 0 && !outbox.IsSilent) || _ticks - outbox.ToldAtTick >= TicksBetweenSigns) && AddressOf(picture, node) is { } address)
            {
                Tell(address, outbox, words);
            }
        }
    }

    private (ClusterPicture Picture, ReplicaWords Words) Gather()
    {
        _ticks++;
        var picture = _context.Board.Current;
        var now = _context.Time.GetUtcNow();
        if (picture.AssignmentVersion != _rowsVersion || _ticks % (10 * TicksBetweenSigns) == 0)
        {
            _rowsVersion = picture.AssignmentVersion;
            _partners.Read(picture.Assignments, now);
        }

        var words = _talk.Take();
        foreach (var scrape in words.Scrapes)
        {
            _partners.Of(scrape, now, _hearers);
            foreach (var node in _hearers)
            {
                Add(OutboxOf(node).Waiting, scrape);
            }
        }

        foreach (var node in _partners.Nodes)
        {
            OutboxOf(node);
        }

        return (picture, words);
    }

    private Outbox OutboxOf(string node)
    {
        if (!_outboxes.TryGetValue(node, out var outbox))
        {
            _outboxes.Add(node, outbox = new Outbox());
        }

        return outbox;
    }

    private void Tell(PeerAddress to, Outbox outbox, ReplicaWords words)
    {
        outbox.OnTheirWay = outbox.Waiting;
        outbox.Waiting = [];
        outbox.ToldAtTick = _ticks;
        CallAsync(to, RequestOf(outbox.OnTheirWay, words)).PipeTo(Self, success: static told => told, failure: _ => new Told(to.Node, false));
    }

    private ScrapedRequest RequestOf(List<ScrapeEnd> scrapes, ReplicaWords words)
    {
        var request = new ScrapedRequest { From = _context.Terms.Node, Session = _talk.Session, Number = words.Number };
        foreach (var scrape in scrapes)
        {
            request.Targets.Add(new ScrapedTarget { Key = scrape.Key, Slot = scrape.Slot, DueMs = scrape.DueMs, IntervalMs = scrape.IntervalMs, IsGood = scrape.IsGood });
        }

        foreach (var (queue, number) in words.Answered)
        {
            request.Answered.Add(new AnsweredQueue { Queue = queue, Number = number });
        }

        return request;
    }

    private async Task<Told> CallAsync(PeerAddress to, ScrapedRequest request)
    {
        await _context.Peers.CallAsync(to, PeerMethods.Scraped, request, Empty.Parser, AnswerWithin, CancellationToken.None);
        return new Told(to.Node, true);
    }

    private void TellLast(SayLastWords last)
    {
        var (picture, words) = Gather();
        var calls = new List<Task>();
        foreach (var (node, outbox) in _outboxes)
        {
            if (AddressOf(picture, node) is { } address)
            {
                calls.Add(CallAsync(address, RequestOf(outbox.Waiting, words)));
            }
        }

        Task.WhenAll(calls).PipeTo(Sender, success: () => last, failure: _ => last);
    }

    private void OnTold(Told told)
    {
        if (!_outboxes.TryGetValue(told.To, out var outbox) || outbox.OnTheirWay is not { } sent)
        {
            return;
        }

        outbox.OnTheirWay = null;
        outbox.IsSilent = !told.HasArrived;
        if (!told.HasArrived)
        {
            var later = outbox.Waiting;
            outbox.Waiting = sent;
            later.ForEach(scrape => Add(outbox.Waiting, scrape));
        }
        else if (outbox.Waiting.Count == 0 && !_partners.Nodes.Contains(told.To))
        {
            _outboxes.Remove(told.To);
        }
    }

    private static void Add(List<ScrapeEnd> waiting, in ScrapeEnd scrape)
    {
        if (waiting.Count >= MostWaiting)
        {
            waiting.RemoveRange(0, MostWaiting / 10);
        }

        waiting.Add(scrape);
    }

    private static PeerAddress? AddressOf(ClusterPicture picture, string node)
    {
        foreach (var member in picture.Members)
        {
            if (member.Node == node && member.State != MemberState.Down)
            {
                return new PeerAddress(node, member.Address);
            }
        }

        return null;
    }
}
