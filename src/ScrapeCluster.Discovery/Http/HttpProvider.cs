using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Discovery.Http;

/// <summary>
/// Target groups from a URL, asked for at the start and at every refresh interval. A list that cannot be had or read leaves the groups as they were
/// (https://prometheus.io/docs/prometheus/latest/http_sd/).
/// </summary>
internal sealed partial class HttpProvider : ReceiveActor, IWithTimers
{
    private readonly HttpSdConfig _config;
    private readonly KnownGroups _known;
    private readonly TargetListClient _client;
    private readonly DiscoveryMetrics _metrics;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopped = new();
    private string? _told;
    private bool _isAsking;

    private HttpProvider(HttpSdConfig config, KnownGroups known, string userAgent, DiscoveryMetrics metrics, TimeProvider time, ILogger log)
    {
        _config = config;
        _known = known;
        _client = new TargetListClient(config, userAgent, time);
        _metrics = metrics;
        _log = log;

        Receive<AskNow>(_ => Ask());
        Receive<TargetList>(Take);
        Receive<Status.Failure>(failure => throw failure.Cause);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(HttpSdConfig config, string userAgent, DiscoveryMetrics metrics, TimeProvider time, ILogger log)
    {
        // Outlives a restart, as the groups at the parent do.
        var known = new KnownGroups();
        return Actors.Props.Create(() => new HttpProvider(config, known, userAgent, metrics, time, log));
    }

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("refresh", AskNow.Instance, _config.RefreshInterval);
        Ask();
    }

    protected override void PostRestart(Exception reason) => Timers.StartPeriodicTimer("refresh", AskNow.Instance, _config.RefreshInterval);

    protected override void PostStop()
    {
        _stopped.Cancel();
        _client.Dispose();
    }

    private void Ask()
    {
        if (_isAsking)
        {
            return;
        }

        _isAsking = true;
        Task.Run(() => _client.AskAsync(_stopped.Token)).PipeTo(Self, Self);
    }

    private void Take(TargetList list)
    {
        _isAsking = false;
        if (list.Fault is { } fault)
        {
            _metrics.HttpFailures.Inc();
            if (fault != _told)
            {
                LogNotRead(_config.PrintableUrl, fault);
            }

            _told = fault;
            Context.Parent.Tell(new ProviderUpdate([], IsComplete: _known.HasSeenAll), Self);
            return;
        }

        _told = null;
        Context.Parent.Tell(new ProviderUpdate(_known.Update(list.Groups, _client)), Self);
    }

    [LoggerMessage(4020, LogLevel.Warning, "Targets of {Url} are kept as they were: {Fault}")]
    private partial void LogNotRead(string url, string fault);

    /// <summary>How many groups the last list had, to clear those that a shorter one has no more.</summary>
    private sealed class KnownGroups
    {
        private int _count;

        public bool HasSeenAll { get; private set; }

        public List<TargetGroup> Update(IReadOnlyList<TargetGroup> groups, TargetListClient client)
        {
            var told = groups.ToList();
            for (var i = groups.Count; i < _count; i++)
            {
                told.Add(new TargetGroup(client.SourceOf(i), [], Labels.Empty));
            }

            _count = groups.Count;
            HasSeenAll = true;
            return told;
        }
    }

    private sealed class AskNow
    {
        public static readonly AskNow Instance = new();
    }
}
