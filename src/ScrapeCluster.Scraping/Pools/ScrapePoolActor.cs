using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// The loops of one slot of a job. Takes whole plans and makes the difference to what runs: new targets get a loop, vanished ones are ended, a changed
/// configuration reaches every loop at its next idle moment.
/// </summary>
internal sealed partial class ScrapePoolActor : UntypedActor, IWithTimers
{
    // Connections of a former configuration are closed when its last scrape must have ended.
    private static readonly TimeSpan DrainTime = TimeSpan.FromMinutes(3);

    // A missing certificate may turn up.
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(15);

    private readonly PoolContext _context;
    private readonly FamilyInterner _families = new();
    private readonly PoolBoard _board;
    private readonly ILogger _logger;
    private readonly Dictionary<ulong, PoolLoop> _loops = [];
    private readonly List<ITargetFetchers> _draining = [];

    private PoolPlan? _plan;
    private ScrapeConfig? _building;
    private Applied? _applied;
    private long _buildStart;
    private bool _stopping;

    private ScrapePoolActor(string job, int slot, PoolContext context)
    {
        _context = context;
        _board = new PoolBoard(job, slot);
        _logger = context.Node.Loggers.CreateLogger("ScrapeCluster.Scraping.Pool");
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A configuration in use.</summary>
    private sealed record Applied(ScrapeConfig Config, SampleRules Rules, ITargetFetchers Fetchers);

    private sealed record Built(ScrapeConfig Config, Applied? Applied, string? Fault);

    private sealed record Drained(ITargetFetchers Fetchers);

    private sealed record Retry;

    public static Props Props(string job, int slot, PoolContext context) => Actors.Props.Create(() => new ScrapePoolActor(job, slot, context));

    // A loop that failed has lost its assignment: it is stopped, and started anew with the present one.
    protected override SupervisorStrategy SupervisorStrategy() => Actors.SupervisorStrategy.StoppingStrategy;

    protected override void PreStart() => _context.Node.Board.Add(_board);

    protected override void PostStop()
    {
        _context.Node.Board.Remove(_board);
        Answer(_releases, static _ => true);
        Answer(_collections, static _ => true);
        _applied?.Fetchers.Dispose();
        _draining.ForEach(static fetchers => fetchers.Dispose());
        LogStopped(_board.Job);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PoolPlan plan:
                Plan(plan);
                break;
            case Built built:
                TakeBuilt(built);
                break;
            case PrepareTargets prepare:
                Prepare(prepare);
                break;
            case ReleaseTargets release:
                Release(release);
                break;
            case AdoptLines adopt:
                Adopt(adopt);
                break;
            case CollectLines collect:
                Collect(collect);
                break;
            case LoopReleased released:
                TakeReleased(released);
                break;
            case LoopCollected collected:
                TakeCollected(collected);
                break;
            case LoopIdle idle:
                RemoveIdle(idle);
                break;
            case Terminated terminated:
                TakeEnd(terminated.ActorRef);
                break;
            case StopPool:
                Halt();
                break;
            case Retry:
                Build();
                break;
            case ForgetPrepared:
                Forget();
                break;
            case Drained drained:
                _draining.Remove(drained.Fetchers);
                drained.Fetchers.Dispose();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Plan(PoolPlan plan)
    {
        var before = _plan;
        _plan = plan;
        if (_applied is { } applied && PoolReload.IsUntouched(applied.Config, plan.Config))
        {
            _board.Failure = null;
            Sync(keepsCache: true);
            return;
        }

        Build();
        if (_applied is not null && !ReferenceEquals(plan.Slot, before?.Slot))
        {
            // A new configuration takes its time, and may fail: which targets are ours does not wait for it.
            Sync(keepsCache: true);
        }
    }

    /// <summary>Reads certificates, so it runs beside the actor.</summary>
    private void Build()
    {
        if (_building is not null || _plan is null)
        {
            return;
        }

        var config = _building = _plan.Config;
        _buildStart = _context.Node.Time.GetTimestamp();
        (_applied is null ? _context.Metrics.Pools : _context.Metrics.Reloads).Inc();
        Task.Run(() => Build(config)).PipeTo(Self, Self, failure: e => new Built(config, null, e.Message));
    }

    private Built Build(ScrapeConfig config)
    {
        if (!SampleRules.TryCompile(config, out var rules, out var fault) || !_context.Fetchers.TryCreate(config, out var fetchers, out fault))
        {
            return new Built(config, null, fault);
        }

        return new Built(config, new Applied(config, rules, fetchers), null);
    }

    private void TakeBuilt(Built built)
    {
        _building = null;
        if (_stopping || !PoolReload.IsUntouched(built.Config, _plan!.Config))
        {
            // Overtaken by a newer plan.
            built.Applied?.Fetchers.Dispose();
            if (!_stopping)
            {
                Build();
            }

            return;
        }

        if (built.Applied is not { } next)
        {
            Fail(built.Fault!);
            return;
        }

        _board.Failure = null;
        var before = _applied;
        _applied = next;
        if (before is null)
        {
            LogStarted(_board.Job, _plan.Slot.Targets.Count);
            Sync(keepsCache: true);
            PrepareWaiting();
            return;
        }

        _draining.Add(before.Fetchers);
        Timers.StartSingleTimer(before, new Drained(before.Fetchers), DrainTime);
        LogReloaded(_board.Job);
        Sync(PoolReload.KeepsCache(before.Config, next.Config), reassign: true);
        _context.Metrics.ReloadLength.With(PromDuration.Format(next.Config.ScrapeInterval)).Observe(_context.Node.Time.GetElapsedTime(_buildStart).TotalSeconds);
    }

    private void Fail(string fault)
    {
        // What ran before runs on.
        (_applied is null ? _context.Metrics.PoolsFailed : _context.Metrics.ReloadsFailed).Inc();
        if (_board.Failure != fault)
        {
            LogFailed(_board.Job, fault);
        }

        _board.Failure = fault;
        PrepareWaiting();
        Timers.StartSingleTimer(nameof(Retry), new Retry(), RetryTime);
        SayEmptyWhenDone();
    }

    private void Halt()
    {
        _stopping = true;
        foreach (var loop in _loops.Values)
        {
            loop.Tell(HaltTarget.Instance, Self);
        }

        StopWhenEmpty();
    }

    private void StopWhenEmpty()
    {
        if (_stopping && _loops.Count == 0)
        {
            Context.Stop(Self);
        }

        SayEmptyWhenDone();
    }

    private void SayEmptyWhenDone()
    {
        if (!_stopping && !_hasPrepared && _loops.Count == 0 && _plan is { Slot.Targets.Count: 0 })
        {
            Context.Parent.Tell(PoolIsEmpty.Instance, Self);
        }
    }
}
