using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>Apply a configuration; answered by <see cref="ConfigApplied"/>.</summary>
public sealed record ApplyConfig(PrometheusConfig Config);

/// <summary>The configuration is in force. <paramref name="Failures"/> names the jobs that cannot take it, each with its reason; all others have.</summary>
public sealed record ConfigApplied(IReadOnlyList<string> Failures);

/// <summary>To <see cref="ManagerActor"/>: tell all jobs and targets once more, since they were lost.</summary>
public sealed record ResendPlans;

/// <summary>On the event stream: the manager failed and started anew, without configuration and target sets. Pools scrape on meanwhile.</summary>
public sealed record ManagerRestarted;

/// <summary>
/// Knows what is to be scraped: keeps the target groups of every job, makes targets of them and tells the active ones to whoever places them on nodes
/// (<see cref="JobsConfigured"/>, <see cref="JobTargets"/>). Dropped targets stay here, for the API. <c>/user/manager</c>.
/// </summary>
public sealed partial class ManagerActor : UntypedActor
{
    private readonly IActorRef _placement;
    private readonly ScrapeBoard _board;
    private readonly TimeProvider _time;
    private readonly ScrapingMetrics _metrics;
    private readonly ILogger<ManagerActor> _logger;

    private readonly Dictionary<string, IReadOnlyList<TargetGroup>> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ManagedJob> _jobs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _partial = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private PrometheusConfig _config = PrometheusConfig.Empty;
    private bool _syncIsDue;

    private ManagerActor(ScrapingContext context, IActorRef placement)
    {
        _placement = placement;
        _board = context.Board;
        _time = context.Time;
        _metrics = new ScrapingMetrics(context.Metrics, context.Budget, context.Board);
        _logger = context.Loggers.CreateLogger<ManagerActor>();
    }

    private sealed record SyncDue
    {
        public static readonly SyncDue Instance = new();
    }

    /// <param name="placement">Takes <see cref="JobsConfigured"/> and <see cref="JobTargets"/>.</param>
    public static Props Props(ScrapingContext context, IActorRef placement) => Actors.Props.Create(() => new ManagerActor(context, placement));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ApplyConfig apply:
                Apply(apply.Config);
                break;
            case TargetSetsChanged changed:
                Store(changed);
                break;
            case SyncDue:
                Sync();
                break;
            case ResendPlans:
                TellJobs();
                _changed.UnionWith(_jobs.Keys);
                Sync();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>What this node says of targets ends with its leadership.</summary>
    protected override void PostStop()
    {
        foreach (var job in _jobs.Keys)
        {
            _metrics.Forget(job);
        }
    }

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Context.System.EventStream.Publish(new ManagerRestarted());
    }

    private void Apply(PrometheusConfig config)
    {
        var start = _time.GetTimestamp();
        _config = config;
        var unsupported = config.UnsupportedJobs.ToDictionary(job => job.JobName, StringComparer.Ordinal);
        var wanted = config.ScrapeConfigs.Where(job => !unsupported.ContainsKey(job.JobName)).ToDictionary(job => job.JobName, StringComparer.Ordinal);
        foreach (var job in _jobs.Keys.Except(wanted.Keys).ToArray())
        {
            _jobs.Remove(job);
            _groups.Remove(job);
            _metrics.Forget(job);
        }

        var failures = unsupported.Values.Select(Describe).ToList();
        foreach (var (name, job) in wanted)
        {
            failures.AddRange(Apply(name, job));
        }

        TellJobs();
        Sync();
        LogApplied(_jobs.Count, _time.GetElapsedTime(start));
        Sender.Tell(new ConfigApplied(failures), Self);
    }

    private IEnumerable<string> Apply(string name, ScrapeConfig config)
    {
        if (_jobs.TryGetValue(name, out var running) && running.Config == config)
        {
            return [];
        }

        if (!ManagedJob.TryCompile(config, out var job, out var fault))
        {
            // What ran before runs on; a job that never ran is shown as failed.
            LogJobFailed(name, fault);
            _jobs[name] = running is null ? ManagedJob.Failed(config, fault) : running with { Snapshot = running.Snapshot with { Failure = fault } };
            return [$"{name}: {fault}"];
        }

        _jobs[name] = job;
        _changed.Add(name);
        return [];
    }

    /// <summary>Jobs that failed are among them: what ran before runs on.</summary>
    private void TellJobs() => _placement.Tell(new JobsConfigured([.. _jobs.Keys]), Self);

    private void Store(TargetSetsChanged changed)
    {
        foreach (var (job, groups) in changed.Sets)
        {
            _groups[job] = groups;
            _changed.Add(job);
        }

        _partial.ExceptWith(changed.Sets.Keys);
        _partial.UnionWith(changed.Partial);

        if (!_syncIsDue)
        {
            // Whatever else waits in the mailbox is taken in by the same sync.
            _syncIsDue = true;
            Self.Tell(SyncDue.Instance);
        }
    }

    private void Sync()
    {
        _syncIsDue = false;
        foreach (var name in _changed)
        {
            if (_jobs.TryGetValue(name, out var job) && job.Template is not null && _groups.TryGetValue(name, out var groups))
            {
                _jobs[name] = Sync(job, groups);
            }
        }

        _changed.Clear();
        _board.Publish([.. _config.ScrapeConfigs.Select(job => job.JobName)
            .Concat(_config.UnsupportedJobs.Select(job => job.JobName)).Distinct(StringComparer.Ordinal).Select(SnapshotOf)]);
    }

    private ManagedJob Sync(ManagedJob job, IReadOnlyList<TargetGroup> groups)
    {
        var start = _time.GetTimestamp();
        var (targets, snapshot) = job.BuildTargets(groups);
        var limit = job.Config.TargetLimit;
        var fault = limit > 0 && targets.Count > limit ? $"target_limit exceeded (number of targets: {targets.Count}, limit: {limit})" : null;
        _placement.Tell(new JobTargets(job.Config.JobName, targets, fault) { IsPartial = _partial.Contains(job.Config.JobName) }, Self);
        Count(job.Config, targets.Count, snapshot, fault);
        _metrics.SyncLength.With(job.Config.JobName).Observe(_time.GetElapsedTime(start).TotalSeconds);
        return job with { Snapshot = snapshot };
    }

    private void Count(ScrapeConfig config, int targets, JobSnapshot snapshot, string? fault)
    {
        _metrics.Syncs.With(config.JobName).Inc();
        _metrics.Targets.With(config.JobName).Set(targets);
        _metrics.TargetLimit.With(config.JobName).Set(config.TargetLimit);
        _metrics.SyncFailed.With(config.JobName).Add((long)snapshot.InvalidTargets.Count);
        if (snapshot.InvalidTargets.Count > 0)
        {
            LogInvalid(config.JobName, snapshot.InvalidTargets.Count, snapshot.InvalidTargets[0].Reason);
        }

        if (fault is not null)
        {
            _metrics.LimitExceeded.Inc();
            LogLimitExceeded(config.JobName, fault);
        }
    }

    private JobSnapshot SnapshotOf(string name)
    {
        if (_jobs.TryGetValue(name, out var job))
        {
            return job.Snapshot;
        }

        var unsupported = _config.UnsupportedJobs.FirstOrDefault(entry => entry.JobName == name);
        return JobSnapshot.Empty(name) with { Failure = unsupported is null ? null : Describe(unsupported) };
    }

    private static string Describe(UnsupportedJob job)
    {
        return $"{job.JobName}: this version has no discovery of kind {string.Join(", ", job.Kinds)}";
    }
}
