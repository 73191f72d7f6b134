using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Following;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.RemoteWrite.Queues;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite;

/// <summary>The <c>remote_write</c> blocks to run from now on. Answered by <see cref="RemoteWritesApplied"/>.</summary>
public sealed record ApplyRemoteWrites(IReadOnlyList<RemoteWriteConfig> Configs, Labels ExternalLabels);

/// <param name="Faults">Why some blocks cannot run; when there are any, nothing was changed.</param>
public sealed record RemoteWritesApplied(IReadOnlyList<string> Faults);

/// <summary>
/// Keeps one <see cref="RemoteWriteActor"/> a block. Apply the first configuration before the first scrape: a queue that is new sends what is
/// written from the moment it starts, one that was there before what it owes. A queue whose block and external labels are unchanged lives on over a
/// reload, with its HTTP client made anew; a changed one sends what it can at once and leaves the rest to its successor; a removed one sends what it
/// can within the flush deadline.
/// </summary>
public sealed partial class RemoteWriteHostActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(5);

    private readonly RemoteWriteOptions _options;
    private readonly RemoteWriteMetrics _metrics;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly PositionFolder _folder;
    private readonly SendingGate _gate;
    private readonly List<QueueLine> _lines = [];

    /// <summary>Who waits for all queues to end. From then on no configuration is taken.</summary>
    private readonly List<IActorRef> _waiting = [];
    private FlushRemoteWrite? _flush;
    private long _flushStart;
    private bool _allComplete = true;
    private int _generation;

    public RemoteWriteHostActor(RemoteWriteOptions options, MetricsRegistry metrics, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _metrics = new RemoteWriteMetrics(metrics, options.Appended);
        _loggers = loggers;
        _logger = loggers.CreateLogger<RemoteWriteHostActor>();
        _time = time;
        _folder = new PositionFolder(options.PositionDirectory);
        _gate = options.Gate ?? SendingGate.Open(options.Published, time);
        Receive<ApplyRemoteWrites>(Apply);
        Receive<FlushRemoteWrite>(FlushAll);
        Receive<RemoteWriteFlushed>(Flushed);
        Receive<Terminated>(terminated => Ended(terminated.ActorRef));
        Receive<StartAgain>(again => Restart(again.Line));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private sealed record StartAgain(QueueLine Line);

    public static Props Props(RemoteWriteOptions options, MetricsRegistry metrics, ILoggerFactory loggers, TimeProvider time) =>
        Actors.Props.Create(() => new RemoteWriteHostActor(options, metrics, loggers, time));

    /// <summary>A queue that failed is not restarted in place: <see cref="Ended"/> makes it anew where its journal says.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => Actors.SupervisorStrategy.StoppingStrategy;

    protected override void PostStop()
    {
        foreach (var line in _lines)
        {
            line.Journal.Dispose();
            line.Next?.Client.Dispose();
        }
    }

    private void Apply(ApplyRemoteWrites message)
    {
        var wanted = message.Configs
            .Select(config => new RemoteWriteSpec(RemoteWriteSpec.NameOf(config), config, message.ExternalLabels, _options.Published))
            .ToList();
        var faults = wanted.GroupBy(spec => spec.Name).Where(same => same.Count() > 1)
            .Select(same => $"found {same.Count()} remote_write blocks named {same.Key}: give each another name")
            .ToList();
        var prepared = new List<PreparedQueue>();
        foreach (var spec in wanted)
        {
            var same = _lines.Find(line => spec.Equals(line.Running?.Spec))?.Running?.Client.Format;
            if (PreparedQueue.TryCreate(spec, _options, _time, out var queue, out var fault, same))
            {
                prepared.Add(queue);
            }
            else
            {
                faults.Add($"remote_write {spec.Name}: {fault}");
            }
        }

        if (faults.Count > 0 || _flush is not null)
        {
            prepared.ForEach(queue => queue.Client.Dispose());
        }
        else
        {
            Replace(prepared);
            _options.Owed.NoteAllKnown();
            WarnOfNobodys(wanted);
        }

        Sender.Tell(new RemoteWritesApplied(faults));
    }

    /// <summary>Names in the setting that no block has: a queue that lost its name would go back to sending in order only, and nobody would see why.</summary>
    private void WarnOfNobodys(IReadOnlyList<RemoteWriteSpec> wanted)
    {
        foreach (var name in _options.OutOfOrderQueues.Where(name => !wanted.Any(spec => spec.Name == name)).Order(StringComparer.Ordinal))
        {
            LogNobodys(name, wanted.Count == 0 ? "there are none" : $"they are {string.Join(", ", wanted.Select(spec => spec.Name))}");
        }
    }

    private void Replace(List<PreparedQueue> wanted)
    {
        var (kept, changed, started, removed) = LinePlan.Of(_lines, wanted);
        kept.ForEach(pair => Renew(pair.Line, pair.Queue));
        removed.ForEach(Remove);
        changed.ForEach(pair => Change(pair.Line, pair.Queue));
        Open(started);
    }

    /// <summary>The same settings: files that they name may hold something else.</summary>
    private void Renew(QueueLine line, PreparedQueue queue)
    {
        if (line.Next is null && line.Running is { } running)
        {
            running.Client.Swap(queue.Client);
            return;
        }

        line.Next?.Client.Dispose();
        line.Next = queue;
        if (line.Running is null)
        {
            Start(line);
        }
    }

    private void Change(QueueLine line, PreparedQueue queue)
    {
        line.Next?.Client.Dispose();
        line.Next = queue;
        line.IsRemoved = false;
        if (line.Running is null)
        {
            Start(line);
            return;
        }

        Leave(line, new FlushRemoteWrite(_options.FlushDeadline) { Rest = UnsentRest.PassedOn });
    }

    private void Remove(QueueLine line)
    {
        line.IsRemoved = true;
        line.Next?.Client.Dispose();
        line.Next = null;
        if (line.Running is null)
        {
            End(line);
            return;
        }

        Leave(line, new FlushRemoteWrite(_options.FlushDeadline) { Rest = UnsentRest.Dropped });
    }

    /// <summary>New lines: by the file of their name, or by one that was for the same receiver and is nobody's now.</summary>
    private void Open(List<PreparedQueue> started)
    {
        var taken = _lines.Select(line => line.Journal.Path).ToHashSet(StringComparer.Ordinal);
        var files = _folder.Files().Where(path => !taken.Contains(path)).Select(path => (path, PositionFile.TryRead(path)?.Header?.UrlHash ?? 0)).ToList();
        var adoptions = _folder.Adoptions([.. started.Select(queue => (queue.Spec.Name, queue.Spec.Config.Url))], files);
        foreach (var queue in started)
        {
            var path = _folder.PathOf(queue.Spec.Name);
            var source = path;
            if (adoptions.TryGetValue(queue.Spec.Name, out var old))
            {
                LogAdopted(queue.Spec.Name, old);
                source = PositionFile.TryMove(old, path) ? path : old;
            }

            var line = new QueueLine(OpenJournal(queue.Spec, path, PositionFile.TryRead(source))) { Next = queue };
            _lines.Add(line);
            Start(line);
        }

        var ours = _lines.Select(line => line.Journal.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var path in _folder.Files().Where(path => !ours.Contains(path)))
        {
            LogForgotten(path);
            PositionFile.TryDelete(path);
        }
    }

    private PositionJournal OpenJournal(RemoteWriteSpec spec, string path, PositionsRead? read)
    {
        var end = _options.Published.Position;
        var first = WalFormat.Segments(_options.WalDirectory).FirstOrDefault(end.Segment);
        var start = QueueStart.Of(read, spec.Config.Queue.MinShards, first, end);
        return new PositionJournal(spec.Name, spec.Config.Url, path, start, read, _options.Owed, _loggers.CreateLogger<PositionJournal>(), _time);
    }

    private void Start(QueueLine line)
    {
        var (spec, client, series) = line.Next!;
        line.Next = null;
        line.Failed = null;
        line.IsLeaving = false;
        line.Journal.Rename(spec.Name, spec.Config.Url, _folder.PathOf(spec.Name));
        var metrics = new QueueMetrics(_metrics, spec.Name, spec.Config) { HasSpeaker = _options.Replicas is not null };
        var limit = new ReadLimit(line.Journal.Lowest.Record);
        var swapped = new SwappedClient(client);
        var journal = line.Journal;
        var gate = _gate.Add(spec.Name, _options.OutOfOrderQueues.Contains(spec.Name), () => journal.Lowest.Record);
        var news = _options.Replicas?.Open(spec.Name, () => journal.Lowest.Record);
        RemoteWriteQueue Open() => new(
            spec.Config, series, _options.WalDirectory, _options.Published, journal, limit, gate, swapped, metrics, _options.Metadata, _options.Appended, news, _loggers, _time);

        // Numbered: an old queue of the same name may still be there.
        var logger = _loggers.CreateLogger<RemoteWriteActor>();
        var name = $"{ActorName.Escape(spec.Name)}-{_generation++}";
        var queue = Context.ActorOf(Actors.Props.Create(() => new RemoteWriteActor(spec, Open, logger)), name);
        Context.Watch(queue);
        line.Running = new RunningQueue(spec, queue, limit, metrics, swapped, gate, news);
        _options.Progress.Add(metrics);
    }

    private void FlushAll(FlushRemoteWrite request)
    {
        _waiting.Add(Sender);
        if (_flush is null)
        {
            _flush = request;
            _flushStart = _time.GetTimestamp();
            foreach (var line in _lines.ToList())
            {
                FlushLine(line);
            }
        }

        AnswerWhenDone();
    }

    /// <summary>In what is left of the time: a successor that has just begun has less of it.</summary>
    private void FlushLine(QueueLine line)
    {
        if (line.Running is null)
        {
            End(line);
        }
        else if (!line.IsLeaving)
        {
            var rest = _flush!.Deadline - _time.GetElapsedTime(_flushStart);
            Leave(line, _flush with { Deadline = rest > TimeSpan.Zero ? rest : TimeSpan.Zero });
        }
    }

    private void Flushed(RemoteWriteFlushed flushed)
    {
        var hasSuccessor = _lines.Exists(line => line.Next is not null && Sender.Equals(line.Running?.Actor));
        _allComplete &= flushed.Complete || hasSuccessor;
    }

    private void Leave(QueueLine line, FlushRemoteWrite request)
    {
        line.IsLeaving = true;
        var running = line.Running!;
        _options.Progress.Remove(running.Metrics);
        running.Actor.Tell(request with { End = running.Limit.EndAt(request.End ?? _options.Published.Position) }, Self);
    }

    private void Ended(IActorRef queue)
    {
        if (_lines.Find(line => queue.Equals(line.Running?.Actor)) is { } line)
        {
            var ended = line.Running!;
            line.Running = null;
            ended.Gate.Dispose();
            if (ended.News is { } news)
            {
                _options.Replicas!.Close(news);
            }

            _options.Progress.Remove(ended.Metrics);
            if (line.Next is { } next ? !ended.Metrics.IsOf(next.Spec) : line.IsRemoved)
            {
                ended.Metrics.Retire();
            }

            if (line.Next is not null)
            {
                Start(line);
                if (_flush is not null)
                {
                    FlushLine(line);
                }
            }
            else if (_flush is not null || line.IsRemoved)
            {
                End(line);
            }
            else
            {
                line.Failed = ended.Spec;
                Timers.StartSingleTimer(line, new StartAgain(line), RestartDelay);
            }
        }

        AnswerWhenDone();
    }

    private void Restart(QueueLine line)
    {
        if (line.Failed is { } spec && line.Running is null && PreparedQueue.TryCreate(spec, _options, _time, out var queue, out _))
        {
            line.Next = queue;
            Start(line);
        }
    }

    private void End(QueueLine line)
    {
        _lines.Remove(line);
        if (line.IsRemoved)
        {
            line.Journal.Remove();
        }
        else
        {
            line.Journal.Dispose();
        }
    }

    private void AnswerWhenDone()
    {
        if (_lines.Count > 0)
        {
            return;
        }

        _waiting.ForEach(waiting => waiting.Tell(new RemoteWriteFlushed(_allComplete)));
        _waiting.Clear();
    }

    [LoggerMessage(5040, LogLevel.Information, "Remote write queue {Queue} goes on where {File} says, the position of a queue to the same receiver")]
    private partial void LogAdopted(string queue, string file);

    [LoggerMessage(5041, LogLevel.Warning, "{File} is the position of a remote write queue that is not in the configuration: it is removed, what the queue owed is not sent")]
    private partial void LogForgotten(string file);

    [LoggerMessage(5042, LogLevel.Warning, "remote-write.out-of-order-queues has {Queue}, but no remote_write block has this name ({Names}): name the block, or take it out of the setting")]
    private partial void LogNobodys(string queue, string names);
}
