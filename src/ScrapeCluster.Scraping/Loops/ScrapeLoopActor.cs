using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Scraping;

/// <summary>
/// Scrapes one target. Idle, fetching, appending, idle: one scrape at a time, and nothing here waits. The fetch and the storage's answer arrive as
/// messages, so ticks, new assignments and stops are seen during a hanging scrape; they take effect when the scrape has ended.
/// </summary>
internal sealed partial class ScrapeLoopActor(ulong targetHash, LoopContext context) : UntypedActor, IWithTimers
{
    // A page that was never seen: about what small exporters have.
    private const int FirstGuessBytes = 64 * 1024;

    private static readonly TimeSpan LongestStorageWait = TimeSpan.FromSeconds(30);

    private readonly ScrapingContext _node = context.Node;
    private readonly IActorRef _storage = context.Node.Storage;

    private State _state;
    private AssignTarget? _run;
    private ScrapeAppender? _appender;
    private LoopOrder? _pending;
    private long _orders;
    private bool _losesCache;
    private bool _halted;
    private int _retired;

    private ScrapeSchedule _schedule;
    private TargetWindow _window = TargetWindow.Always;
    private DateTimeOffset? _begunAt;
    private DateTimeOffset _due;
    private long _missedTicks;
    private DateTimeOffset? _lastStart;
    private Summary? _intervalLength;

    // The scrape in flight.
    private DateTimeOffset _start;
    private DateTimeOffset _startDue;
    private long _startStamp;
    private long _timestampMs;
    private long _batchRound;
    private int _batchesOfScrape;
    private long _reservedBytes;
    private int _lastBodyBytes;
    private ScrapeOutcome _outcome;
    private Func<TimeSpan>? _elapsed;

    private enum State
    {
        Idle,
        Fetching,
        Appending,
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ulong targetHash, LoopContext context) => Actors.Props.Create(() => new ScrapeLoopActor(targetHash, context));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ScrapeTick:
                Tick();
                break;
            case FetchResult page:
                Append(page);
                break;
            case AppendResult answer:
                Settle(answer);
                break;
            case LoopOrder order:
                _orders++;
                Obey(order);
                break;
            case RetiredRun run:
                WriteEndMarkers(run);
                break;
            case Status.Failure failure:
                // A bug in the fetcher: shown on the target, and the loop goes on.
                Append(FetchResult.Failed(failure.Cause.ToString()));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop()
    {
        _node.Budget.Return(_reservedBytes);
        _reservedBytes = 0;
    }

    private void Obey(LoopOrder order)
    {
        switch (order)
        {
            case SetWindow { Window: var window }:
                SetWindow(window);
                break;
            case AdoptSeries { Lines: var lines }:
                Adopt(lines);
                break;
            case CollectSeries { All: var all }:
                Collect(all);
                break;
            default:
                Change(order);
                break;
        }
    }

    private void SetWindow(TargetWindow window)
    {
        _window = AsBegun(window);
        ShowNextScrape();
    }

    /// <summary>The instant of the hand-over is past. Were it kept, a clock that is set back would end what has begun, until it came again.</summary>
    private void Begin()
    {
        if (_window.From > DateTimeOffset.MinValue)
        {
            _begunAt = _window.From;
            _window = AsBegun(_window);
        }
    }

    private TargetWindow AsBegun(TargetWindow window) => window.From == _begunAt ? window with { From = DateTimeOffset.MinValue } : window;

    private void Change(LoopOrder order)
    {
        // The last word counts: a target that is ended and assigned again during one scrape just goes on.
        _pending = order;
        _owesRelease |= order is ReleaseTarget;
        if (order is AssignTarget assignment)
        {
            _window = AsBegun(assignment.Window);
            _losesCache |= !assignment.KeepsCache;
        }

        if (_state == State.Idle)
        {
            ApplyPending();
        }
    }

    private void ApplyPending()
    {
        AnswerRelease();
        AnswerCollection();
        var pending = _pending;
        _pending = null;
        switch (pending)
        {
            case AssignTarget assignment:
                Begin(assignment);
                break;
            case EndTarget:
                Retire();
                Rest();
                break;
            case ReleaseTarget:
                // The cache stays for as long as this actor does: the move may be called back at once.
                Rest();
                break;
            case HaltTarget:
                _halted = true;
                _appender = null;
                Timers.CancelAll();
                Rest();
                break;
        }

        AdoptWaiting();
    }

    private void Rest()
    {
        Timers.Cancel(ScrapeTick.Instance);
        _run = null;
        SayIdleWhenDone();
    }

    private void Begin(AssignTarget assignment)
    {
        if (_appender is null || _losesCache)
        {
            Retire();
            _appender = new ScrapeAppender(
                assignment.Rules, assignment.Target.Labels, _node.CacheHashSeed, context.Families, _node.Texts, _node.AppendsMetadata);
            _collectedVersion = 0;
        }
        else if (_appender.Rules != assignment.Rules)
        {
            _appender = new ScrapeAppender(assignment.Rules, _appender);
        }

        _losesCache = false;
        _run = assignment;
        var schedule = new ScrapeSchedule(targetHash, assignment.Seed, assignment.Target.Interval);
        if (schedule != _schedule || !Timers.IsTimerActive(ScrapeTick.Instance))
        {
            _schedule = schedule;
            _intervalLength = context.Metrics.IntervalLength.With(PromDuration.Format(schedule.Interval));
            var now = _node.Time.GetUtcNow();
            PlanTick(schedule.After(now), now);
        }
        else
        {
            ShowNextScrape();
        }
    }

    private void PlanTick(DateTimeOffset due, DateTimeOffset now)
    {
        _due = due;
        Timers.StartSingleTimer(ScrapeTick.Instance, ScrapeTick.Instance, due - now);
        ShowNextScrape();
    }

    private void ShowNextScrape()
    {
        if (_run is { } run)
        {
            run.Cell.Report(run.Cell.LastReport with { NextScrape = _schedule.NextWithin(_window, _due), MissedTicks = _missedTicks });
        }
    }

    private void SayIdleWhenDone()
    {
        if (_run is null && _pending is null && _state == State.Idle && (_retired == 0 || _halted))
        {
            Context.Parent.Tell(new LoopIdle(targetHash, _orders), Self);
        }
    }
}
