using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>On the event stream: the host failed and started anew without configuration and plans, and its pools went with it.</summary>
public sealed record PoolsRestarted;

/// <summary>
/// Starts and stops the pools of this node, one for each slot of a job. Joins what the configuration says with what the slots' plans say, in whatever order
/// they come. <c>/user/pools</c>.
/// </summary>
public sealed class PoolHostActor : UntypedActor, IWithTimers
{
    // A pool that fails at once and always must not keep the node busy.
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    // A hand-over is repeated every second until it is acknowledged.
    private const int MaxEarlyLines = 100;

    private readonly PoolContext _pools;
    private readonly ScrapeFailureLogs _failureLogs;

    private Dictionary<string, ScrapeConfig> _jobs = new(StringComparer.Ordinal);
    private Labels _externalLabels = Labels.Empty;
    private ReplicaNaming? _replicas;

    // By the pool's name: what was told last, also for pools that cannot run now.
    private readonly Dictionary<string, SlotPlan> _plans = new(StringComparer.Ordinal);

    // A pool may be wanted again while its predecessor still finishes its scrapes, and its name is taken until then.
    private readonly HashSet<string> _stopping = new(StringComparer.Ordinal);

    // Lines for pools that are not there yet.
    private readonly Dictionary<string, List<AdoptLines>> _early = new(StringComparer.Ordinal);

    private PoolHostActor(ScrapingContext context)
    {
        var bodies = new BodyBufferPool();
        _failureLogs = context.FailureLogs;
        _pools = new PoolContext(
            context,
            new ScrapingMetrics(context.Metrics, context.Budget, context.Board),
            bodies,
            context.Fetchers ?? new TargetFetcherFactory(context.UserAgent, context.HardBodyLimitBytes, bodies));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private sealed record StartAgain(string Name);

    public static Props Props(ScrapingContext context) => Actors.Props.Create(() => new PoolHostActor(context));

    protected override SupervisorStrategy SupervisorStrategy() => Actors.SupervisorStrategy.StoppingStrategy;

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Context.System.EventStream.Publish(new PoolsRestarted());
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ApplyPoolConfig apply:
                Apply(apply);
                break;
            case SlotPlan plan:
                Plan(plan);
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
            case PoolIsEmpty:
                EndEmpty(Sender);
                break;
            case StartAgain again:
                Run(again.Name);
                break;
            case Terminated terminated:
                TakeEnd(terminated.ActorRef.Path.Name);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Apply(ApplyPoolConfig apply)
    {
        var config = apply.Config;
        var unsupported = config.UnsupportedJobs.Select(static job => job.JobName).ToHashSet(StringComparer.Ordinal);
        var before = _jobs;
        var isShifted = !config.Global.ExternalLabels.Equals(_externalLabels) || apply.Replicas != _replicas;
        _jobs = config.ScrapeConfigs.Where(job => !unsupported.Contains(job.JobName)).ToDictionary(static job => job.JobName, StringComparer.Ordinal);
        _externalLabels = config.Global.ExternalLabels;
        _replicas = apply.Replicas;
        var failures = _failureLogs.Reopen(_jobs.Values.Select(static job => job.ScrapeFailureLogFile));
        foreach (var pool in Context.GetChildren().Where(pool => !_jobs.ContainsKey(PoolName.JobOf(pool.Path.Name))))
        {
            Stop(pool);
        }

        foreach (var (name, plan) in _plans.ToArray())
        {
            if (isShifted || !before.TryGetValue(plan.Job, out var known) || known != _jobs.GetValueOrDefault(plan.Job))
            {
                Run(name);
            }
        }

        Sender.Tell(new PoolConfigApplied(failures), Self);
    }

    private void Plan(SlotPlan plan)
    {
        var name = PoolName.Of(plan.Job, plan.Slot);
        _plans[name] = plan;
        Run(name);
    }

    /// <summary>Gives a pool its plan, starts it for that where it must. Does nothing as long as configuration, plan or name are not to be had.</summary>
    private void Run(string name)
    {
        if (!_plans.TryGetValue(name, out var plan) || _stopping.Contains(name))
        {
            return;
        }

        if (plan.Targets.Count == 0)
        {
            _plans.Remove(name);
            _early.Remove(name);
        }

        if (_jobs.TryGetValue(plan.Job, out var config) && (plan.Targets.Count > 0 || !Context.Child(name).IsNobody()))
        {
            var pool = Give(name, config, plan);
            if (_early.Remove(name, out var lines))
            {
                lines.ForEach(early => pool.Tell(early, Self));
            }
        }
    }

    private IActorRef Give(string name, ScrapeConfig config, SlotPlan plan)
    {
        var pool = Context.Child(name);
        if (pool.IsNobody())
        {
            pool = Context.Watch(Context.ActorOf(ScrapePoolActor.Props(plan.Job, plan.Slot, _pools), name));
        }

        pool.Tell(new PoolPlan(config, plan, OffsetSeed.Of(_externalLabels, plan.Slot), plan.IsReplicated ? _replicas?.Of(plan.Slot) : null), Self);
        return pool;
    }

    private void Prepare(PrepareTargets prepare)
    {
        var name = PoolName.Of(prepare.Job, prepare.Slot);
        if (_stopping.Contains(name) || !_jobs.TryGetValue(prepare.Job, out var config))
        {
            Sender.Tell(new TargetsPrepared(prepare.Tag), Self);
            return;
        }

        var pool = Context.Child(name);
        (pool.IsNobody() ? Give(name, config, new SlotPlan(prepare.Job, prepare.Slot, [], null)) : pool).Forward(prepare);
    }

    private void Release(ReleaseTargets release)
    {
        var name = PoolName.Of(release.Job, release.Slot);
        if (_plans.TryGetValue(name, out var plan))
        {
            // A pool that is started anew must not take them up again.
            _plans[name] = plan.Without(release.Hashes);
        }

        if (RunningPool(name) is { } pool)
        {
            pool.Forward(release);
        }
        else
        {
            Sender.Tell(new TargetsReleased([], release.Tag), Self);
        }
    }

    private void Adopt(AdoptLines adopt)
    {
        var name = PoolName.Of(adopt.Job, adopt.Slot);
        if (RunningPool(name) is { } pool)
        {
            pool.Forward(adopt);
        }
        else if (_plans.ContainsKey(name))
        {
            _early.TryAdd(name, []);
            if (_early[name].Count < MaxEarlyLines)
            {
                _early[name].Add(adopt);
            }
        }
    }

    private void Collect(CollectLines collect)
    {
        if (RunningPool(PoolName.Of(collect.Job, collect.Slot)) is { } pool)
        {
            pool.Forward(collect);
        }
        else
        {
            Sender.Tell(new LinesCollected([], collect.Tag), Self);
        }
    }

    private IActorRef? RunningPool(string name)
    {
        var pool = Context.Child(name);
        return pool.IsNobody() || _stopping.Contains(name) ? null : pool;
    }

    private void EndEmpty(IActorRef pool)
    {
        // It may have been given targets since it said so.
        if (!_plans.TryGetValue(pool.Path.Name, out var plan) || plan.Targets.Count == 0)
        {
            _plans.Remove(pool.Path.Name);
            Stop(pool);
        }
    }

    private void Stop(IActorRef pool)
    {
        if (_stopping.Add(pool.Path.Name))
        {
            pool.Tell(StopPool.Instance, Self);
        }
    }

    private void TakeEnd(string name)
    {
        if (_stopping.Remove(name))
        {
            Run(name);
        }
        else
        {
            Timers.StartSingleTimer(name, new StartAgain(name), RestartDelay);
        }
    }
}

/// <summary>What the pools of a node share.</summary>
internal sealed record PoolContext(ScrapingContext Node, ScrapingMetrics Metrics, BodyBufferPool Bodies, ITargetFetcherFactory Fetchers);
