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
    private object? _pending;
    private bool _halted;
    private int _retired;

    private ScrapeSchedule _schedule;
    private DateTimeOffset _due;
    private long _missedTicks;
    private DateTimeOffset? _lastStart;
    private Summary? _intervalLength;

    // The scrape in flight.
    private DateTimeOffset _start;
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
            case AssignTarget or EndTarget or HaltTarget:
                Change(message);
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

    private void Change(object message)
    {
        // The last word counts: a target that is ended and assigned again during one scrape just goes on.
        _pending = message is AssignTarget assignment && _pending is AssignTarget { KeepsCache: false } ? assignment with { KeepsCache = false } : message;
        if (_state == State.Idle)
        {
            ApplyPending();
        }
    }

    private void ApplyPending()
    {
        var pending = _pending;
        _pending = null;
        switch (pending)
        {
            case AssignTarget assignment:
                Begin(assignment);
                break;
            case EndTarget:
                Retire();
                Timers.Cancel(ScrapeTick.Instance);
                _run = null;
                SayIdleWhenDone();
                break;
            case HaltTarget:
                _halted = true;
                _run = null;
                _appender = null;
                Timers.CancelAll();
                SayIdleWhenDone();
                break;
        }
    }

    private void Begin(AssignTarget assignment)
    {
        if (_appender is null || !assignment.KeepsCache)
        {
            Retire();
            _appender = new ScrapeAppender(assignment.Rules, assignment.Target.Labels, _node.CacheHashSeed, context.Families);
        }
        else if (_run!.Rules != assignment.Rules)
        {
            _appender = new ScrapeAppender(assignment.Rules, _appender);
        }

        _run = assignment;
        var schedule = new ScrapeSchedule(targetHash, context.Seed, assignment.Target.Interval);
        if (schedule != _schedule || !Timers.IsTimerActive(ScrapeTick.Instance))
        {
            _schedule = schedule;
            _intervalLength = context.Metrics.IntervalLength.With(PromDuration.Format(schedule.Interval));
            var now = _node.Time.GetUtcNow();
            PlanTick(schedule.After(now), now);
        }
    }

    private void PlanTick(DateTimeOffset due, DateTimeOffset now)
    {
        _due = due;
        Timers.StartSingleTimer(ScrapeTick.Instance, ScrapeTick.Instance, due - now);
        if (_run is { } run)
        {
            run.Cell.Report(run.Cell.LastReport with { NextScrape = due, MissedTicks = _missedTicks });
        }
    }

    private void SayIdleWhenDone()
    {
        if (_run is null && _pending is null && _state == State.Idle && (_retired == 0 || _halted))
        {
            Context.Parent.Tell(new LoopIdle(targetHash), Self);
        }
    }
}
