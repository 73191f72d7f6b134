namespace ScrapeCluster.Scraping;

/// <summary>On the event stream: the host failed and started anew, and its pools went with it.</summary>
public sealed record PoolsRestarted;

/// <summary>Starts and stops the pools that this node was given. <c>/user/pools</c>.</summary>
public sealed class PoolHostActor : UntypedActor, IWithTimers
{
    // A pool that fails at once and always must not keep the node busy.
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    private readonly PoolContext _pools;
    private readonly HashSet<string> _stopping = [];

    // What each pool was told last: one that fails is started anew with it.
    private readonly Dictionary<string, PoolPlan> _plans = [];

    // A pool may come back while its predecessor still finishes its scrapes, and its name is taken until then.
    private readonly Dictionary<string, PoolPlan> _waiting = [];

    private PoolHostActor(ScrapingContext context)
    {
        var bodies = new BodyBufferPool();
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
            case PoolPlan plan:
                Plan(plan);
                break;
            case StopPool stop:
                StopPool(stop);
                break;
            case StartAgain again:
                if (_plans.TryGetValue(again.Name, out var lost))
                {
                    Plan(lost);
                }

                break;
            case Terminated terminated:
                Forget(terminated.ActorRef.Path.Name);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Plan(PoolPlan plan)
    {
        var name = plan.ActorName;
        _plans[name] = plan;
        if (_stopping.Contains(name))
        {
            _waiting[name] = plan;
            return;
        }

        var pool = Context.Child(name);
        if (pool.IsNobody())
        {
            pool = Context.Watch(Context.ActorOf(ScrapePoolActor.Props(plan.Job, plan.Bucket, _pools), name));
        }

        pool.Tell(plan);
    }

    private void StopPool(StopPool stop)
    {
        var name = PoolName.Of(stop.Job, stop.Bucket);
        _waiting.Remove(name);
        _plans.Remove(name);
        var pool = Context.Child(name);
        if (!pool.IsNobody() && _stopping.Add(name))
        {
            pool.Tell(stop);
        }
    }

    private void Forget(string name)
    {
        var wasToStop = _stopping.Remove(name);
        if (_waiting.Remove(name, out var plan))
        {
            Plan(plan);
        }
        else if (!wasToStop)
        {
            Timers.StartSingleTimer(name, new StartAgain(name), RestartDelay);
        }
        else if (Context.GetChildren().All(pool => PoolName.JobOf(pool.Path.Name) != PoolName.JobOf(name)))
        {
            _pools.Metrics.Forget(PoolName.JobOf(name));
        }
    }
}

/// <summary>What the pools of a node share.</summary>
internal sealed record PoolContext(ScrapingContext Node, ScrapingMetrics Metrics, BodyBufferPool Bodies, ITargetFetcherFactory Fetchers);
