using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Discovery;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Logging;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.Scraping;
using ScrapeCluster.Storage;

namespace ScrapeCluster.Node.Hosting;

/// <summary>The actors of one node: who is made with what, how a configuration reaches them, in which order they stop.</summary>
internal sealed class NodeActors : IDisposable
{
    private static readonly TimeSpan ApplyDeadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(15);

    private readonly NodeSettings _settings;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _shutdown = new();
    private readonly ActorSystem _system;
    private readonly IActorRef _storage;
    private readonly IActorRef _remoteWrite;
    private readonly IActorRef _pools;
    private readonly IActorRef _manager;
    private readonly IActorRef _discovery;
    private readonly IActorRef _keeper;

    public NodeActors(
        NodeSettings settings,
        LocalStorage storage,
        ScrapeBoard board,
        SampleBatchPool batches,
        MetricsRegistry metrics,
        ILoggerFactory loggers,
        TimeProvider time,
        Action<Exception> endProcess)
    {
        _settings = settings;
        _log = loggers.CreateLogger<NodeActors>();
        _system = ActorSystem.Create("scrapecluster", new ActorSystemSettings
        {
            TimeProvider = time,
            LogSink = new ActorLogBridge(loggers),
            DeadLettersLogged = settings.Actors.DeadLetterLogLimit,
            DeadLetterWindow = settings.Actors.DeadLetterLogWindow,
        });
        _storage = _system.ActorOf(storage.StorageProps(batches, endProcess), "storage");
        _remoteWrite = _system.ActorOf(
            RemoteWriteHostActor.Props(
                new RemoteWriteOptions(storage.WalDirectory, storage.WalPublished, settings.RemoteWrite.FlushDeadline, UserAgent)
                {
                    Metadata = () => MetadataOf(board),
                },
                metrics,
                loggers,
                time),
            "remote-write");
        var scraping = new ScrapingContext
        {
            Time = time,
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
            Shutdown = _shutdown.Token,
        };
        _pools = _system.ActorOf(PoolHostActor.Props(scraping), "pools");
        _manager = _system.ActorOf(ManagerActor.Props(scraping, _pools), "manager");
        _discovery = _system.ActorOf(DiscoveryActor.Props(_manager, settings.Discovery, metrics, loggers, time), "discovery");
        _keeper = _system.ActorOf(ConfigKeeperActor.Props(_manager, _discovery), "config-keeper");
        ActorMetrics.Register(metrics, _system);
    }

    private static string UserAgent => $"ScrapeCluster/{BuildInfo.Version}";

    /// <summary>Null when every part took the configuration, else which did not and why. Those that could run on it.</summary>
    public async Task<string?> ApplyAsync(PrometheusConfig config)
    {
        _keeper.Tell(new KeepConfig(config));

        // Remote write first: a queue sends what is written from the moment it starts.
        var written = await _remoteWrite.Ask<RemoteWritesApplied>(new ApplyRemoteWrites(config.RemoteWrites, config.Global.ExternalLabels), ApplyDeadline);
        var applied = await _manager.Ask<ConfigApplied>(new ApplyConfig(config), ApplyDeadline);
        _discovery.Tell(ApplyDiscovery.Of(config));
        IReadOnlyList<string> failures = [.. written.Faults, .. applied.Failures];
        var wanted = _settings.Config.SkipUnsupported ? failures.Where(failure => !IsSkipped(failure, config)) : failures;
        return wanted.Any() ? string.Join("; ", wanted) : null;
    }

    /// <summary>Scraping ends first, then what it wrote is sent and closed.</summary>
    public async Task StopAsync()
    {
        await _shutdown.CancelAsync();
        foreach (var actor in (IActorRef[])[_discovery, _manager, _pools])
        {
            await StopAsync(actor, StopDeadline);
        }

        // Storage before the flush: its mailbox may hold scrapes that are not in the log yet.
        await StopAsync(_storage, StopDeadline);
        await FlushRemoteWriteAsync();
        await StopAsync(_remoteWrite, StopDeadline);
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

    private async Task StopAsync(IActorRef actor, TimeSpan deadline)
    {
        try
        {
            await actor.GracefulStop(deadline);
        }
        catch (TaskCanceledException)
        {
            _log.StopTookTooLong(actor.Path.ToString(), deadline);
        }
    }

    private async Task FlushRemoteWriteAsync()
    {
        var deadline = _settings.RemoteWrite.FlushDeadline;
        try
        {
            await _remoteWrite.Ask<RemoteWriteFlushed>(new FlushRemoteWrite(deadline), deadline + StopDeadline);
        }
        catch (AskTimeoutException)
        {
            _log.StopTookTooLong(_remoteWrite.Path.ToString(), deadline);
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
