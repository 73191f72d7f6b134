using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Ownership;
using ScrapeCluster.Cluster.Speaking;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Discovery;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Node.Logging;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.Scraping;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Node.Hosting;

/// <summary>
/// The actors of one node: who is made with what, how a configuration reaches them, in which order they stop. The three that only the leader has are made by
/// <see cref="LeadershipActor"/>.
/// </summary>
internal sealed class NodeActors : IDisposable
{
    private static readonly TimeSpan ApplyDeadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AskDeadline = TimeSpan.FromSeconds(15);

    /// <summary>Below the 30 s that senders wait by default.</summary>
    private static readonly TimeSpan AppendDeadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LastWordsDeadline = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(15);

    private readonly NodeSettings _settings;
    private readonly NodeCluster _cluster;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _shutdown = new();
    private readonly ActorSystem _system;
    private readonly IActorRef _storage;
    private readonly IActorRef _remoteWrite;
    private readonly IActorRef _pools;
    private readonly IActorRef _ownership;
    private readonly IActorRef _leadership;
    private readonly IActorRef _keeper;
    private readonly IActorRef _gate;
    private readonly IActorRef _follower;
    private readonly IActorRef _replicaTalk = ActorRefs.Nobody;
    private IActorRef _membership = ActorRefs.Nobody;

    /// <param name="time">The machine's: timers run on it, so that they are exact. Plans and timestamps follow the cluster's.</param>
    public NodeActors(
        NodeSettings settings,
        NodeCluster cluster,
        INodeStorage storage,
        SentProgress sent,
        OwedLog owed,
        ScrapeBoard board,
        SampleBatchPool batches,
        MetricsRegistry metrics,
        ILoggerFactory loggers,
        TimeProvider time,
        Action<bool> memberChanged,
        Func<long, Task> followConfig,
        Action<Exception> endProcess)
    {
        _settings = settings;
        _cluster = cluster;
        _log = loggers.CreateLogger<NodeActors>();
        _system = ActorSystem.Create("scrapecluster", new ActorSystemSettings
        {
            TimeProvider = time,
            LogSink = new ActorLogBridge(loggers),
            DeadLettersLogged = settings.Actors.DeadLetterLogLimit,
            DeadLetterWindow = settings.Actors.DeadLetterLogWindow,

            // A scrape loop may end before the storage answers it: at a stop, and always behind its last markers. What was stored is stored all the same.
            DeadLettersUnlogged = new HashSet<Type> { typeof(AppendResult) },
        });
        var gate = new SendingGate(storage.WalPublished, time, isSuspended: !cluster.IsAlone);
        cluster.Sending.Attach(gate);
        var replicas = settings.RemoteWrite.Replicas == ReplicaSending.All || cluster.IsAlone
            ? null
            : ClusterWiring.ReplicaNewsOf(settings, storage.WalPublished, cluster.Time);
        _storage = _system.ActorOf(storage.StorageProps(batches, endProcess), "storage");
        _remoteWrite = _system.ActorOf(
            RemoteWriteHostActor.Props(
                new RemoteWriteOptions(
                    storage.WalDirectory,
                    storage.WalPublished,
                    Path.Combine(settings.Storage.Path, RemoteWriteOptions.PositionFolderName),
                    settings.RemoteWrite.FlushDeadline,
                    UserAgent)
                {
                    Metadata = () => MetadataOf(board),
                    FallsBackToV1 = settings.RemoteWrite.FallBackToV1,
                    Appended = storage.Appended,
                    Progress = sent,
                    Owed = owed,
                    Gate = gate,
                    Replicas = replicas,
                    OutOfOrderQueues = RemoteWriteSettings.NamesIn(settings.RemoteWrite.OutOfOrderQueues),
                },
                metrics,
                loggers,
                cluster.Time),
            "remote-write");
        var scraping = new ScrapingContext
        {
            Time = cluster.Time,
            Loggers = loggers,
            Metrics = metrics,
            Storage = _storage,
            Batches = batches,
            Board = board,
            Budget = new ScrapeMemoryBudget(BudgetBytes(settings.Scrape)),
            UserAgent = UserAgent,
            HardBodyLimitBytes = settings.Scrape.HardBodyLimitBytes,
            AdjustTimestamps = settings.Scrape.AdjustTimestamps,
            TimestampTolerance = settings.Scrape.TimestampTolerance,
            AppendsMetadata = settings.Storage.Wal.MetadataRecords,
            Shutdown = _shutdown.Token,
            Witness = replicas,
        };
        _pools = _system.ActorOf(PoolHostActor.Props(scraping), "pools");
        _ownership = _system.ActorOf(OwnershipActor.Props(cluster.Context, _pools), "ownership");
        if (replicas is not null)
        {
            _replicaTalk = _system.ActorOf(ReplicaTalkActor.Props(cluster.Context, new NodeReplicaTalk(replicas)), "replica-talk");
        }

        var parts = new LeaderParts(
            epoch => CoordinatorActor.Props(cluster.Context, epoch, cluster.Context.Leadership),
            coordinator => ManagerActor.Props(scraping, coordinator),
            manager => DiscoveryActor.Props(manager, settings.Discovery, metrics, loggers, time, UserAgent));
        _leadership = _system.ActorOf(LeadershipActor.Props(parts, cluster.IsAlone, loggers), "leadership");
        _keeper = _system.ActorOf(ConfigKeeperActor.Props(_pools, _ownership), "config-keeper");
        _gate = _system.ActorOf(MemberGateActor.Props(memberChanged), "member-gate");
        _follower = _system.ActorOf(ConfigFollowerActor.Props(followConfig), "config-follower");
        ActorMetrics.Register(metrics, _system);
    }

    private static string UserAgent => $"ScrapeCluster/{BuildInfo.Version}";

    /// <summary>This node becomes a member, and from then on scrapes what it is given.</summary>
    public async Task JoinAsync()
    {
        // Whoever must hear of the cluster listens before anything is said.
        foreach (var listener in (IActorRef[])[_ownership, _leadership, _gate, _follower])
        {
            await listener.Ask<ActorIdentity>(new Identify("listens"), AskDeadline);
        }

        _membership = _system.ActorOf(MembershipActor.Props(_cluster.Context), "cluster");
    }

    /// <summary>Null when every part took the configuration, else which did not and why. Those that could run on it.</summary>
    public async Task<string?> ApplyAsync(PrometheusConfig config)
    {
        var pools = new ApplyPoolConfig(config, ClusterWiring.ReplicasOf(_settings.Cluster));
        _keeper.Tell(new KeepConfig(pools));

        // Remote write first: a queue sends what is written from the moment it starts.
        var written = await _remoteWrite.Ask<RemoteWritesApplied>(new ApplyRemoteWrites(config.RemoteWrites, config.Global.ExternalLabels), ApplyDeadline);
        var pooled = await _pools.Ask<PoolConfigApplied>(pools, ApplyDeadline);
        var led = await _leadership.Ask<LeaderConfigApplied>(new ApplyLeaderConfig(config), ApplyDeadline);
        IReadOnlyList<string> failures = [.. written.Faults, .. pooled.Failures, .. led.Failures];
        var wanted = _settings.Config.SkipUnsupported ? failures.Where(failure => !IsSkipped(failure, config)) : failures;
        return wanted.Any() ? string.Join("; ", wanted) : null;
    }

    /// <summary>Hands over what this node scrapes. The answer comes when it has nothing any more, or at the drain's deadline.</summary>
    public Task<HasLeft> LeaveAsync(LeaveCluster order, CancellationToken cancellation)
    {
        return _membership.IsNobody()
            ? Task.FromResult(new HasLeft(0))
            : _membership.Ask<HasLeft>(order, _settings.Cluster.DrainTimeout + AskDeadline, cancellation);
    }

    /// <summary>What others have sent, into the storage. After the stop has begun, nothing more.</summary>
    public Task<AppendResult> AppendAsync(SampleBatch batch) => _storage.Ask<AppendResult>(batch, AppendDeadline, _shutdown.Token);

    /// <summary>To the coordinator, which runs on the leader alone.</summary>
    public Task<object> AskCoordinatorAsync(object question, CancellationToken cancellation)
    {
        return _system.ActorSelection("/user/coordinator").Ask<object>(question, AskDeadline, cancellation);
    }

    /// <summary>Scraping ends first, then what it wrote is sent and closed. The lease is given back last, when nothing is done under it any more.</summary>
    /// <param name="hurry">What is not sent yet stays unsent.</param>
    public async Task StopAsync(CancellationToken hurry)
    {
        await _shutdown.CancelAsync();
        await StopAsync(_follower, StopDeadline);
        await StopAsync(_leadership, StopDeadline, new EndLeadership());
        await StopAsync(_ownership, StopDeadline);
        await StopAsync(_pools, StopDeadline);

        // Storage before the flush: its mailbox may hold scrapes that are not in the log yet.
        await StopAsync(_storage, StopDeadline);
        await FlushRemoteWriteAsync(hurry);
        await StopAsync(_remoteWrite, StopDeadline);
        await SayLastWordsAsync();
        await StopAsync(_membership, StopDeadline, new EndMembership());
        await _system.Terminate();
    }

    /// <summary>For the API; read beside the actors, so the numbers are of slightly different moments.</summary>
    public ActorStatistics? Inspect(string path) => _system.Inspect(path);

    public void Dispose() => _shutdown.Dispose();

    private static IEnumerable<MetadataEntry> MetadataOf(ScrapeBoard board)
    {
        foreach (var target in board.Metadata())
        {
            foreach (var family in target.Families)
            {
                yield return new MetadataEntry(family.Name, new MetricMetadata(family.Type, family.Help, family.Unit));
            }
        }
    }

    private async Task StopAsync(IActorRef actor, TimeSpan deadline, object? order = null)
    {
        try
        {
            await actor.GracefulStop(deadline, order ?? PoisonPill.Instance);
        }
        catch (TaskCanceledException)
        {
            _log.StopTookTooLong(actor.Path.ToString(), deadline);
        }
    }

    private async Task FlushRemoteWriteAsync(CancellationToken hurry)
    {
        var deadline = _settings.RemoteWrite.FlushDeadline;
        try
        {
            await _remoteWrite.Ask<RemoteWriteFlushed>(new FlushRemoteWrite(deadline), deadline + StopDeadline, hurry);
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            _log.FlushCut();
        }
        catch (AskTimeoutException)
        {
            _log.StopTookTooLong(_remoteWrite.Path.ToString(), deadline);
        }
    }

    /// <summary>The nodes with the other slots hear what receivers have, or they send it again.</summary>
    private async Task SayLastWordsAsync()
    {
        if (_replicaTalk.IsNobody())
        {
            return;
        }

        try
        {
            await _replicaTalk.Ask<SayLastWords>(SayLastWords.Instance, LastWordsDeadline);
            await StopAsync(_replicaTalk, StopDeadline);
        }
        catch (AskTimeoutException)
        {
            _log.StopTookTooLong(_replicaTalk.Path.ToString(), LastWordsDeadline);
        }
    }

    /// <summary>A quarter of what the process may use, unless set.</summary>
    private static long BudgetBytes(ScrapeSettings settings)
    {
        return settings.MemoryBudgetBytes > 0 ? settings.MemoryBudgetBytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
    }

    private static bool IsSkipped(string failure, PrometheusConfig config)
    {
        return config.UnsupportedJobs.Any(job => failure.StartsWith(job.JobName + ":", StringComparison.Ordinal));
    }
}
