using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Configuration;
using ScrapeCluster.Discovery;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Node.Clustering;

/// <summary>
/// Has <c>/user/coordinator</c>, <c>/user/manager</c> and <c>/user/discovery</c> run while this node leads, and only then. Keeps the configuration in force, so
/// that a part that failed and was started anew gets what it lost: a fault costs one message, not the work until the next reload.
/// <c>/user/leadership</c>.
/// </summary>
internal sealed class LeadershipActor : ReceiveActor, IWithTimers
{
    // Parts that fail at once and always must not keep the node busy.
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    private readonly LeaderParts _parts;
    private readonly bool _isAlone;
    private readonly ILogger _log;

    // Those who wait for the manager's word on the configuration.
    private readonly List<IActorRef> _waiting = [];
    private readonly HashSet<IActorRef> _ending = [];
    private PrometheusConfig? _config;
    private Running? _running;
    private long? _epoch;
    private bool _isOver;

    private LeadershipActor(LeaderParts parts, bool isAlone, ILogger log)
    {
        _parts = parts;
        _isAlone = isAlone;
        _log = log;
        Receive<ClusterNews.Leads>(Begin);
        Receive<ClusterNews.LostLead>(Lose);
        Receive<ApplyLeaderConfig>(Apply);
        Receive<ConfigApplied>(applied => Answer(applied.Failures));
        Receive<ManagerRestarted>(_ => RefillManager());
        Receive<DiscoveryRestarted>(_ => RefillDiscovery());
        Receive<CoordinatorRestarted>(_ => _running?.Manager.Tell(new ResendPlans(), Self));
        Receive<StartAgain>(_ => StartWhenFree());
        Receive<EndLeadership>(_ => End());
        Receive<Terminated>(ended => Forget(ended.ActorRef));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private sealed record Running(IActorRef Coordinator, IActorRef Manager, IActorRef Discovery);

    private sealed record StartAgain
    {
        public static readonly StartAgain Instance = new();
    }

    /// <param name="isAlone">No other node can lead: a configuration that comes before this one does waits for it.</param>
    public static Props Props(LeaderParts parts, bool isAlone, ILoggerFactory loggers) =>
        Actors.Props.Create(() => new LeadershipActor(parts, isAlone, loggers.CreateLogger<LeadershipActor>()));

    protected override void PreStart()
    {
        Type[] heard =
        [
            typeof(ClusterNews.Leads), typeof(ClusterNews.LostLead), typeof(CoordinatorRestarted), typeof(ManagerRestarted), typeof(DiscoveryRestarted),
        ];
        foreach (var news in heard)
        {
            Context.System.EventStream.Subscribe(Self, news);
        }
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Begin(ClusterNews.Leads leads)
    {
        if (_epoch is not null && _epoch != leads.Epoch)
        {
            // What runs here decided under an epoch that is over.
            Stop();
        }

        _epoch = leads.Epoch;
        StartWhenFree();
    }

    private void Lose(ClusterNews.LostLead lost)
    {
        if (_epoch == lost.Epoch)
        {
            _epoch = null;
            Stop();
        }
    }

    private void Apply(ApplyLeaderConfig apply)
    {
        _config = apply.Config;
        if (_running is null && !_isAlone)
        {
            Sender.Tell(new LeaderConfigApplied([]), Self);
            return;
        }

        _waiting.Add(Sender);
        if (_running is not null)
        {
            Hand(_running, _config);
        }
    }

    private void Answer(IReadOnlyList<string> failures)
    {
        foreach (var asker in _waiting)
        {
            asker.Tell(new LeaderConfigApplied(failures), Self);
        }

        _waiting.Clear();
    }

    private void RefillManager()
    {
        if (_running is not null && _config is not null)
        {
            _running.Manager.Tell(new ApplyConfig(_config), Self);
            _running.Discovery.Tell(new ResendTargetSets(), Self);
        }
    }

    private void RefillDiscovery()
    {
        if (_running is not null && _config is not null)
        {
            _running.Discovery.Tell(ApplyDiscovery.Of(_config), Self);
        }
    }

    /// <summary>Names are taken until their last holders have stopped.</summary>
    private void StartWhenFree()
    {
        if (_epoch is null || _isOver || _running is not null || _ending.Count > 0)
        {
            return;
        }

        _log.LeaderBegins(_epoch.Value);
        var coordinator = Start(_parts.Coordinator(_epoch.Value), "coordinator");
        var manager = Start(_parts.Manager(coordinator), "manager");
        var discovery = Start(_parts.Discovery(manager), "discovery");
        _running = new Running(coordinator, manager, discovery);
        if (_config is not null)
        {
            Hand(_running, _config);
        }
    }

    private IActorRef Start(Props props, string name) => Context.Watch(Context.System.ActorOf(props, name));

    /// <summary>The manager first: it must know a job when the first targets for it come.</summary>
    private void Hand(Running running, PrometheusConfig config)
    {
        running.Manager.Tell(new ApplyConfig(config), Self);
        running.Discovery.Tell(ApplyDiscovery.Of(config), Self);
    }

    private void Stop()
    {
        if (_running is { } running)
        {
            _running = null;
            foreach (var part in (IActorRef[])[running.Discovery, running.Manager, running.Coordinator])
            {
                _ending.Add(part);
                Context.System.Stop(part);
            }
        }

        if (!_isAlone || _isOver)
        {
            // Whoever leads now applies it.
            Answer([]);
        }
    }

    private void End()
    {
        _isOver = true;
        Stop();
        EndWhenEmpty();
    }

    private void Forget(IActorRef part)
    {
        if (!_ending.Remove(part) && _running is not null)
        {
            // One that could not even be made: none of the three is of use without the others.
            Stop();
            _ending.Remove(part);
            Timers.StartSingleTimer(StartAgain.Instance, StartAgain.Instance, RestartDelay);
            return;
        }

        EndWhenEmpty();
        if (!Timers.IsTimerActive(StartAgain.Instance))
        {
            StartWhenFree();
        }
    }

    private void EndWhenEmpty()
    {
        if (_isOver && _ending.Count == 0)
        {
            Context.Stop(Self);
        }
    }
}
