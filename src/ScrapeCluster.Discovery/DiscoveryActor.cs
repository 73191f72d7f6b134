using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Discovery;

/// <summary>
/// Keeps one provider for each distinct discovery entry of the configuration and tells the receiver the complete target sets
/// of the jobs that changed (<see cref="TargetSetsChanged"/>).
/// </summary>
public sealed partial class DiscoveryActor : ReceiveActor, IWithTimers
{
    private readonly IActorRef _receiver;
    private readonly ProviderFactory _factory;
    private readonly DiscoveryMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ILogger _log;

    private readonly Dictionary<SdConfig, Provider> _providers = [];
    private readonly Dictionary<IActorRef, Provider> _byActor = [];
    private Dictionary<string, Provider[]> _jobs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private BurstThrottle _throttle;
    private bool _passOnIsDue;
    private long _made;

    private DiscoveryActor(
        IActorRef receiver, DiscoverySettings settings, string userAgent, MetricsRegistry metrics, ILoggerFactory loggers, TimeProvider time)
    {
        _receiver = receiver;
        _metrics = new DiscoveryMetrics(metrics);
        _factory = new ProviderFactory(userAgent, _metrics, loggers, time);
        _time = time;
        _start = time.GetTimestamp();
        _log = loggers.CreateLogger<DiscoveryActor>();
        _throttle = new BurstThrottle(settings.BurstInterval);

        Receive<ApplyDiscovery>(Apply);
        Receive<ResendTargetSets>(_ => Resend());
        Receive<ProviderUpdate>(Merge);
        Receive<ProviderFailed>(failed => AnsweredByFailing(failed.Actor));
        Receive<PassOn>(_ =>
        {
            _passOnIsDue = false;
            PassOnChanges();
        });
        Receive<Terminated>(ended => LogEnd(ended.ActorRef));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="userAgent">What requests for lists of targets name as their sender.</param>
    public static Props Props(
        IActorRef receiver, DiscoverySettings settings, MetricsRegistry metrics, ILoggerFactory loggers, TimeProvider time, string userAgent = "ScrapeCluster") =>
        Actors.Props.Create(() => new DiscoveryActor(receiver, settings, userAgent, metrics, loggers, time));

    /// <summary>A provider that fails is restarted and keeps what it found; one that cannot even be made stays stopped.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(cause =>
    {
        Self.Tell(new ProviderFailed(Sender), Self);
        return cause is ActorInitializationException ? Directive.Stop : Directive.Restart;
    });

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Context.System.EventStream.Publish(new DiscoveryRestarted());
    }

    private void Apply(ApplyDiscovery message)
    {
        var jobs = message.Jobs.ToDictionary(
            static job => job.Key, job => job.Value.Distinct().Select(ProviderFor).ToArray(), StringComparer.Ordinal);
        StopAllBut(jobs.Values.SelectMany(static providers => providers).ToHashSet());
        foreach (var gone in _jobs.Keys.Where(job => !jobs.ContainsKey(job)))
        {
            _metrics.RemoveJob(gone);
            _changed.Remove(gone);
        }

        foreach (var (job, providers) in jobs)
        {
            if (!_jobs.TryGetValue(job, out var before) || !before.SequenceEqual(providers))
            {
                _changed.Add(job);
            }
        }

        _jobs = jobs;
        PassOnChanges();
    }

    private void Resend()
    {
        _changed.UnionWith(_jobs.Keys);
        PassOnChanges();
    }

    private Provider ProviderFor(SdConfig config)
    {
        if (_providers.TryGetValue(config, out var present))
        {
            return present;
        }

        var provider = Start(config);
        _providers.Add(config, provider);
        return provider;
    }

    private Provider Start(SdConfig config)
    {
        if (_factory.PropsFor(config) is not { } props)
        {
            LogNotBuilt(config.Kind);
            return new Provider(config) { HasAnswered = true, HasSeenAll = true };
        }

        var actor = Context.Watch(Context.ActorOf(props, $"{config.Kind}-{++_made}"));
        var provider = new Provider(config) { Actor = actor };
        _byActor.Add(actor, provider);
        return provider;
    }

    private void StopAllBut(HashSet<Provider> wanted)
    {
        foreach (var provider in _providers.Values.Where(p => !wanted.Contains(p)).ToArray())
        {
            _providers.Remove(provider.Config);
            if (_byActor.Remove(provider.Actor))
            {
                Context.Unwatch(provider.Actor);
                Context.Stop(provider.Actor);
            }
        }
    }

    private void Merge(ProviderUpdate update)
    {
        _metrics.Received.Inc();
        if (_byActor.TryGetValue(Sender, out var provider))
        {
            var isFirst = !provider.HasAnswered || (update.IsComplete && !provider.HasSeenAll);
            provider.HasAnswered = true;
            provider.HasSeenAll |= update.IsComplete;
            if (provider.Merge(update) || isFirst)
            {
                NoteChange(provider);
            }
        }
    }

    private void AnsweredByFailing(IActorRef actor)
    {
        if (_byActor.TryGetValue(actor, out var provider) && !provider.HasAnswered)
        {
            provider.HasAnswered = true;
            NoteChange(provider);
        }
    }

    private void NoteChange(Provider provider)
    {
        foreach (var (job, providers) in _jobs)
        {
            if (providers.Contains(provider))
            {
                _changed.Add(job);
            }
        }

        if (_changed.Count > 0)
        {
            PassOnAfter(_throttle.Change(Now));
        }
    }

    private void PassOnAfter(TimeSpan wait)
    {
        if (_passOnIsDue)
        {
            return;
        }

        _passOnIsDue = true;
        if (wait > TimeSpan.Zero)
        {
            _metrics.Delayed.Inc();
            Timers.StartSingleTimer(PassOn.Instance, PassOn.Instance, wait);
        }
        else
        {
            // By the mailbox: what has arrived already goes along.
            Self.Tell(PassOn.Instance, Self);
        }
    }

    private void PassOnChanges()
    {
        var sets = new Dictionary<string, IReadOnlyList<TargetGroup>>(StringComparer.Ordinal);
        foreach (var job in _changed)
        {
            // Held back until every provider has answered once: else a reload would drop the targets of an entry that changed,
            // only to find them again a moment later.
            if (_jobs[job].All(static provider => provider.HasAnswered))
            {
                sets.Add(job, [.. _jobs[job].SelectMany(static provider => provider.Groups)]);
            }
        }

        if (sets.Count == 0)
        {
            return;
        }

        foreach (var (job, groups) in sets)
        {
            _changed.Remove(job);
            _metrics.SetTargets(job, groups.Sum(static group => group.Targets.Count));
        }

        _throttle.Pass(Now);
        _metrics.Sent.Inc();
        _receiver.Tell(
            new TargetSetsChanged(sets) { Partial = sets.Keys.Where(job => _jobs[job].Any(static provider => !provider.HasSeenAll)).ToHashSet(StringComparer.Ordinal) }, Self);
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    private void LogEnd(IActorRef actor)
    {
        if (_byActor.TryGetValue(actor, out var provider))
        {
            LogProviderEnded(provider.Config.Kind, actor.Path.Name);
        }
    }

    private sealed record ProviderFailed(IActorRef Actor);

    private sealed class PassOn
    {
        public static readonly PassOn Instance = new();
    }
}
