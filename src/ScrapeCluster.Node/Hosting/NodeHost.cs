using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Reload;
using ScrapeCluster.Scraping;
using ScrapeCluster.Storage;

namespace ScrapeCluster.Node.Hosting;

/// <summary>
/// The composition root: builds the parts of one node, starts them in order and stops them in the opposite one.
/// <code>
/// start: 1 data directory locked  2 HTTP listens  3 WAL replayed, a scrape rehearsed  4 actors  5 configuration applied  6 ready
/// stop:  1 not ready  2 scraping ends, the log closes  3 remote write flushes  4 HTTP ends  5 data directory released
/// </code>
/// </summary>
internal sealed class NodeHost : IAsyncDisposable
{
    private readonly NodeConfiguration _start;
    private readonly NodeSettings _settings;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly MetricsRegistry _metrics;
    private readonly ConfigMetrics _configMetrics;
    private readonly ConfigState _config;
    private readonly ConfigReloader _reloader;
    private readonly Readiness _readiness = new();
    private readonly ScrapeBoard _board = new();
    private readonly SampleBatchPool _batches = new();
    private LocalStorage? _storage;
    private WebApplication? _web;
    private NodeActors? _actors;
    private ClockWatch? _clock;

    public NodeHost(NodeConfiguration start, PrometheusConfig config, ConfigLoader loader, ILoggerFactory loggers, TimeProvider time)
    {
        _start = start;
        _settings = start.Settings;
        _loggers = loggers;
        _log = loggers.CreateLogger<NodeHost>();
        _time = time;
        _metrics = new MetricsRegistry(time);
        _configMetrics = new ConfigMetrics(_metrics);
        _config = new ConfigState(config, time.GetUtcNow());
        _reloader = new ConfigReloader(loader, _config, ApplyAsync, time, _configMetrics, loggers.CreateLogger<ConfigReloader>());
        ProcessMetrics.Register(_metrics, time.GetUtcNow());
    }

    /// <summary>Where the node listens; a port of 0 has become a real one. Empty before it does.</summary>
    internal IEnumerable<string> Addresses => _web?.Urls ?? [];

    /// <summary>Null when the node is ready, else why it could not start.</summary>
    public async Task<string?> TryStartAsync()
    {
        _log.Starting(BuildInfo.Version, BuildInfo.Runtime, _settings.Config.File.Length > 0 ? _settings.Config.File : BuiltInConfig.Name, _settings.Storage.Path);
        if (!LocalStorage.TryOpen(StorageWiring.OptionsOf(_settings.Storage), _metrics, _loggers, _time, out _storage, out var fault))
        {
            return fault;
        }

        _web = WebServer.Build(Context(_storage), _loggers);
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

        _actors = new NodeActors(_settings, _storage, _board, _batches, _metrics, _loggers, _time, EndProcess);
        var error = await ApplyAsync(_config.Current.Config);
        _configMetrics.Show(_config.Current.Config);
        if (error is null)
        {
            _configMetrics.Succeeded(_time.GetUtcNow());
        }
        else
        {
            _config.Failed(error);
            _configMetrics.Failed();
        }

        _clock = new ClockWatch(_metrics, _time, _loggers.CreateLogger<ClockWatch>());
        _readiness.IsReady = true;
        _log.Ready(_config.Current.Config.ScrapeConfigs.Count);
        return null;
    }

    public async Task RunUntilStoppedAsync()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _web!.Lifetime.ApplicationStopping.Register(stopped.SetResult);
        await stopped.Task;
        _log.Stopping();
        _readiness.IsReady = false;
    }

    public Task<string?> ReloadAsync() => _reloader.ReloadAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _clock?.Dispose();
        if (_actors is not null)
        {
            await _actors.StopAsync();
        }

        // Storage after the last request: a query may be reading its files.
        if (_web is not null)
        {
            await WebServer.StopAsync(_web);
        }

        _storage?.Dispose();
        _reloader.Dispose();
        _log.Stopped();
    }

    private static async Task<string?> ReplayAsync(LocalStorage storage, CancellationToken stopping)
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

    private async Task<string?> ApplyAsync(PrometheusConfig config)
    {
        Announce(config);
        return await _actors!.ApplyAsync(config);
    }

    private NodeContext Context(LocalStorage storage) => new()
    {
        StartTime = _time.GetUtcNow(),
        Time = _time,
        Settings = _settings,
        Flags = _start.EffectiveFlags,
        ExternalUrl = _settings.Web.ExternalUrl ?? DefaultExternalUrl(_settings.Web.ListenAddress),
        Metrics = _metrics,
        Config = _config,
        Storage = storage,
        Board = _board,
        Readiness = _readiness,
        Reload = _reloader.ReloadAsync,
        InspectActors = path => _actors?.Inspect(path),
    };

    private static Uri DefaultExternalUrl(ListenAddress listen)
    {
        var host = listen.IsAny || listen.Host is "0.0.0.0" or "::" ? Environment.MachineName : listen.Host;
        return new Uri($"http://{new ListenAddress(host, listen.Port)}/");
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

    /// <summary>The door for faults after which nothing in memory can be trusted.</summary>
    private void EndProcess(Exception cause)
    {
        _log.StorageLost(cause);
        _loggers.Dispose(); // writes out what the console still holds
        Environment.Exit(1);
    }
}
