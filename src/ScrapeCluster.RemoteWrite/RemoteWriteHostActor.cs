using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.RemoteWrite.Following;
using ScrapeCluster.RemoteWrite.Queues;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite;

/// <summary>The <c>remote_write</c> blocks to run from now on. Answered by <see cref="RemoteWritesApplied"/>.</summary>
public sealed record ApplyRemoteWrites(IReadOnlyList<RemoteWriteConfig> Configs, Labels ExternalLabels);

/// <param name="Faults">Why some blocks cannot run; when there are any, nothing was changed.</param>
public sealed record RemoteWritesApplied(IReadOnlyList<string> Faults);

/// <summary>What the node hands over.</summary>
/// <param name="WalDirectory">The log that is followed.</param>
/// <param name="Published">How far it is written.</param>
/// <param name="FlushDeadline">How long a removed queue may send what it owes.</param>
/// <param name="UserAgent">Sent with every request, such as <c>ScrapeCluster/1.0</c>.</param>
public sealed record RemoteWriteOptions(string WalDirectory, WalPublication Published, TimeSpan FlushDeadline, string UserAgent)
{
    /// <summary>The metadata of all active targets, asked for at every <c>send_interval</c> from any thread; null sends none.</summary>
    public Func<IEnumerable<MetadataEntry>>? Metadata { get; init; }
}

/// <summary>
/// Keeps one <see cref="RemoteWriteActor"/> a block. Apply the first configuration before the first scrape: a queue sends what is
/// written from the moment it starts. A queue whose block and external labels are unchanged lives on over a reload;
/// a changed one sends what it owes up to the place where its successor starts.
/// </summary>
public sealed class RemoteWriteHostActor : ReceiveActor
{
    private readonly RemoteWriteOptions _options;
    private readonly RemoteWriteMetrics _metrics;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly Dictionary<RemoteWriteSpec, RunningQueue> _queues = [];

    /// <summary>Flushing queues, and who waits for all of them.</summary>
    private readonly HashSet<IActorRef> _leaving = [];
    private readonly List<IActorRef> _waiting = [];
    private bool _allComplete = true;
    private int _generation;

    private sealed record RunningQueue(IActorRef Actor, ReadLimit Limit);

    public RemoteWriteHostActor(RemoteWriteOptions options, MetricsRegistry metrics, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _metrics = new RemoteWriteMetrics(metrics);
        _loggers = loggers;
        _time = time;
        Receive<ApplyRemoteWrites>(Apply);
        Receive<FlushRemoteWrite>(FlushAll);
        Receive<RemoteWriteFlushed>(flushed => _allComplete &= flushed.Complete);
        Receive<Terminated>(terminated => Forget(terminated.ActorRef));
    }

    public static Props Props(RemoteWriteOptions options, MetricsRegistry metrics, ILoggerFactory loggers, TimeProvider time) =>
        Actors.Props.Create(() => new RemoteWriteHostActor(options, metrics, loggers, time));

    /// <summary>A queue that failed is not restarted in place: <see cref="Forget"/> makes it anew at the log's end.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => Actors.SupervisorStrategy.StoppingStrategy;

    private void Apply(ApplyRemoteWrites message)
    {
        var wanted = message.Configs
            .Select(config => new RemoteWriteSpec(RemoteWriteSpec.NameOf(config), config, message.ExternalLabels, _options.Published))
            .ToList();
        var faults = wanted.GroupBy(spec => spec.Name).Where(same => same.Count() > 1)
            .Select(same => $"found {same.Count()} remote_write blocks named {same.Key}: give each another name")
            .ToList();
        var prepared = new List<PreparedQueue>();
        foreach (var spec in wanted.Where(spec => !_queues.ContainsKey(spec)))
        {
            if (PreparedQueue.TryCreate(spec, _options.UserAgent, _time, out var queue, out var fault))
            {
                prepared.Add(queue);
            }
            else
            {
                faults.Add($"remote_write {spec.Name}: {fault}");
            }
        }

        if (faults.Count > 0)
        {
            prepared.ForEach(queue => queue.Client.Dispose());
        }
        else
        {
            Replace(wanted, prepared);
        }

        Sender.Tell(new RemoteWritesApplied(faults));
    }

    /// <summary>An old queue ends exactly where the new one to the same receiver begins, so nothing is missing or sent twice over a reload.</summary>
    private void Replace(List<RemoteWriteSpec> wanted, List<PreparedQueue> prepared)
    {
        var ends = new List<(string Url, WalPosition End)>();
        foreach (var (spec, queue) in _queues.Where(item => !wanted.Contains(item.Key)).ToList())
        {
            _queues.Remove(spec);
            ends.Add((spec.Config.Url, Leave(queue, new FlushRemoteWrite(_options.FlushDeadline))));
        }

        foreach (var queue in prepared)
        {
            var predecessor = ends.FindIndex(end => string.Equals(end.Url, queue.Spec.Config.Url, StringComparison.Ordinal));
            Start(queue, predecessor < 0 ? _options.Published.Position : ends[predecessor].End);
            if (predecessor >= 0)
            {
                ends.RemoveAt(predecessor);
            }
        }
    }

    private void Start(PreparedQueue prepared, WalPosition position)
    {
        var spec = prepared.Spec;
        var metrics = new QueueMetrics(_metrics, spec.Name, spec.Config);
        var limit = new ReadLimit(position);
        RemoteWriteQueue Open() => new(
            spec.Config, prepared.Series, _options.WalDirectory, _options.Published, position, limit, prepared.Client, metrics,
            _options.Metadata, _loggers, _time);

        // Numbered: an old queue of the same name may still be sending.
        var logger = _loggers.CreateLogger<RemoteWriteActor>();
        var name = $"{ActorName.Escape(spec.Name)}-{_generation++}";
        var queue = Context.ActorOf(Actors.Props.Create(() => new RemoteWriteActor(spec, Open, logger)), name);
        Context.Watch(queue);
        _queues.Add(spec, new RunningQueue(queue, limit));
    }

    private void FlushAll(FlushRemoteWrite request)
    {
        _waiting.Add(Sender);
        foreach (var queue in _queues.Values)
        {
            Leave(queue, request);
        }

        _queues.Clear();
        AnswerWhenDone();
    }

    private WalPosition Leave(RunningQueue queue, FlushRemoteWrite request)
    {
        var end = queue.Limit.EndAt(request.End ?? _options.Published.Position);
        _leaving.Add(queue.Actor);
        queue.Actor.Tell(request with { End = end }, Self);
        return end;
    }

    private void Forget(IActorRef queue)
    {
        _leaving.Remove(queue);
        foreach (var (spec, _) in _queues.Where(item => item.Value.Actor.Equals(queue)).ToList())
        {
            _queues.Remove(spec);
            if (PreparedQueue.TryCreate(spec, _options.UserAgent, _time, out var prepared, out _))
            {
                Start(prepared, _options.Published.Position);
            }
        }

        AnswerWhenDone();
    }

    private void AnswerWhenDone()
    {
        if (_leaving.Count > 0 || _queues.Count > 0)
        {
            return;
        }

        _waiting.ForEach(waiting => waiting.Tell(new RemoteWriteFlushed(_allComplete)));
        _waiting.Clear();
    }
}
