using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Node.Reload;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.Scraping;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Node.Hosting;

/// <summary>
/// The composition root: builds the parts of one node, starts them in order and stops them in the opposite one.
/// <code>
/// start: 1 data directory locked  2 HTTP listens  3 WAL replayed, a scrape rehearsed  4 peers and database  5 actors  6 the node joins its cluster
///        7 configuration applied  8 ready, once it has joined
/// stop:  1 not ready  2 others take what it scrapes  3 scraping ends, the log closes  4 remote write flushes  5 the lease is given back  6 HTTP ends
///        7 peers and database end, data directory released
///        A second signal ends the waiting of 2, 4 and 6; 3 is never cut, so that nothing local is lost.
/// </code>
/// </summary>
internal sealed partial class NodeHost : IAsyncDisposable
{
    private readonly NodeConfiguration _start;
    private readonly NodeSettings _settings;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly MetricsRegistry _metrics;
    private readonly ConfigMetrics _configMetrics;
    private readonly ConfigState _config;
    private readonly ConfigLoader _loader;
    private readonly ConfigReloader _reloader;
    private readonly StopSignals _signals = new();
    private readonly Readiness _readiness = new();
    private readonly ScrapeBoard _board = new();
    private readonly SampleBatchPool _batches = new();
    private readonly ProcessEnd _processEnd;
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SentProgress _sent = new();
    private readonly OwedLog _owed = OwedLog.AwaitingQueues();
    private INodeStorage? _storage;
    private NodeCluster? _cluster;
    private ClusterConfig? _clusterConfig;
    private WebApplication? _web;
    private NodeActors? _actors;
    private ClockWatch? _clock;
    private HeapTidy? _heapTidy;

    public NodeHost(NodeConfiguration start, PrometheusConfig config, ConfigLoader loader, ILoggerFactory loggers, TimeProvider time)
    {
        _start = start;
        _settings = start.Settings;
        _loggers = loggers;
        _log = loggers.CreateLogger<NodeHost>();
        _time = time;
        _processEnd = new ProcessEnd(loggers);
        _metrics = new MetricsRegistry(time);
        _configMetrics = new ConfigMetrics(_metrics);
        _config = new ConfigState(config, time.GetUtcNow());
        _loader = loader;
        _reloader = new ConfigReloader(_config, ApplyAsync, time, _configMetrics, loggers.CreateLogger<ConfigReloader>());
        ProcessMetrics.Register(_metrics, time.GetUtcNow());
    }

    /// <summary>Where the node listens; a port of 0 has become a real one. Empty before it does.</summary>
    internal IEnumerable<string> Addresses => _web?.Urls ?? [];

    /// <summary>Null when the node runs, else why it could not start. It is ready once it has its place in the cluster.</summary>
    public async Task<string?> TryStartAsync()
    {
        try
        {
            return await StartPartsAsync();
        }
        catch (OperationCanceledException) when (_web?.Lifetime.ApplicationStopping.IsCancellationRequested == true)
        {
            return "told to stop while it started";
        }
    }

    public async Task RunUntilStoppedAsync()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _web!.Lifetime.ApplicationStopping.Register(stopped.SetResult);
        await stopped.Task;
        _log.Stopping();
        _readiness.IsStopping = true;
        if (!_cluster!.IsAlone)
        {
            await Departure.RunAsync(cut => _actors!.LeaveAsync(new LeaveCluster(), cut), Owned, _settings.Cluster.DrainTimeout, _log, _signals.Hurry);
        }

        _readiness.IsServing = false;
    }

    public Task<string?> ReloadAsync() => _clusterConfig!.ReloadAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _clock?.Dispose();
        _heapTidy?.Dispose();
        if (_actors is not null)
        {
            await _actors.StopAsync(_signals.Hurry);
        }

        // Storage after the last request: a query may be reading its files.
        if (_web is not null)
        {
            await WebServer.StopAsync(_web, _signals.Hurry);
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _storage?.Dispose();
        _clusterConfig?.Dispose();
        _log.Stopped();
        _signals.Dispose();
    }

    private async Task<string?> StartPartsAsync()
    {
        _log.Starting(BuildInfo.Version, BuildInfo.Runtime, _settings.Config.File.Length > 0 ? _settings.Config.File : BuiltInConfig.Name, _settings.Storage.Path);
        if (!StorageWiring.TryOpen(_settings, _owed, _metrics, _loggers, _time, out _storage, out var fault))
        {
            return fault;
        }

        if (!DataId.TryOpen(_settings.Storage.Path, out var dataId, out var idFault))
        {
            return idFault;
        }

        _cluster = new NodeCluster(_settings, dataId, ExternalUrl(_settings), _board, _metrics, _loggers, _time, () => _clusterConfig?.Applied ?? AppliedConfig.None, _processEnd.Hung);
        _clusterConfig = new ClusterConfig(ConfigOptions(_cluster));
        _web = WebServer.Build(Context(_storage, _cluster), _loggers);
        if (await WebServer.TryStartAsync(_web, _settings.Web.ListenAddress) is { } webFault)
        {
            return webFault;
        }

        _log.Listening(string.Join(", ", _web.Urls));
        var stopping = _web.Lifetime.ApplicationStopping;
        var rehearsal = ScrapeRehearsal.RunAsync(_settings.Web.ListenAddress.FromHere.ToString(), stopping);
        if (await ReplayAsync(_storage, stopping) is { } replayFault)
        {
            return replayFault;
        }

        await rehearsal;
        if (await _cluster.TryStartAsync(stopping) is { } clusterFault)
        {
            return clusterFault;
        }

        _actors = new NodeActors(_settings, _cluster, _storage, _sent, _owed, _board, _batches, _metrics, _loggers, _time, MemberChanged, FollowConfigAsync, _processEnd.StorageLost);
        if (await BeginAsync(_actors, _clusterConfig, stopping) is { } configFault)
        {
            return configFault;
        }

        _clock = new ClockWatch(_metrics, _time, _loggers.CreateLogger<ClockWatch>());
        _heapTidy = _settings.Storage.Mode == StorageMode.Agent ? new HeapTidy(_time, _loggers.CreateLogger<HeapTidy>()) : null;
        _readiness.IsServing = true;
        if (_cluster.IsAlone)
        {
            // Nothing can keep it from joining.
            await _joined.Task;
            SayReady();
        }

        return null;
    }

    private static async Task<string?> ReplayAsync(INodeStorage storage, CancellationToken stopping)
    {
        try
        {
            return await Task.Run(() => storage.Replay(stopping), CancellationToken.None);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return "told to stop before the log was read; nothing was changed";
        }
    }

    /// <summary>Null when the node runs on a configuration. One that is in force only in part is no reason not to.</summary>
    private async Task<string?> BeginAsync(NodeActors actors, ClusterConfig config, CancellationToken stopping)
    {
        // A node that is alone hears from its own manager what is wrong with the configuration, and has one only when it leads.
        if (_cluster!.IsAlone)
        {
            await actors.JoinAsync();
        }

        var fault = await config.StartAsync(stopping);
        if (!config.HasConfig)
        {
            return fault;
        }

        if (!_cluster.IsAlone)
        {
            await actors.JoinAsync();
        }

        return null;
    }

    private Task FollowConfigAsync(long version) => _clusterConfig!.FollowAsync(version, CancellationToken.None);

    private void MemberChanged(bool isMember)
    {
        _readiness.IsMember = isMember;
        if (isMember && _joined.TrySetResult() && !_cluster!.IsAlone)
        {
            SayReady();
        }
    }

    /// <summary>With a configuration in force, which on a node that is alone is so only after it has joined.</summary>
    private void SayReady()
    {
        var config = _config.Current.Config;
        _log.Ready(config.ScrapeConfigs.Count - config.UnsupportedJobs.Count, _clusterConfig!.Current.Version);
    }

    private async Task<string?> ApplyAsync(PrometheusConfig config)
    {
        Announce(config);
        return await _actors!.ApplyAsync(config);
    }

    /// <summary>What an operator must know of a configuration that is valid: parts of it do nothing here.</summary>
    private void Announce(PrometheusConfig config)
    {
        foreach (var section in config.IgnoredSections)
        {
            _log.SectionIgnored(section.Name, section.Consequence);
        }

        foreach (var warning in config.Warnings)
        {
            _log.ConfigWarning(warning);
        }

        foreach (var job in config.UnsupportedJobs)
        {
            _log.JobSkipped(job.JobName, string.Join(", ", job.Kinds));
        }
    }
}
