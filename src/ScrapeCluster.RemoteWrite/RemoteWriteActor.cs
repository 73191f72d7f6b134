using Microsoft.Extensions.Logging;
using ScrapeCluster.RemoteWrite.Queues;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite;

/// <summary>To a <see cref="RemoteWriteActor"/> or its host: send what is in the log before <paramref name="End"/>, then stop. Answered by <see cref="RemoteWriteFlushed"/>.</summary>
/// <param name="End">Null: everything that is published when the message is handled.</param>
public sealed record FlushRemoteWrite(TimeSpan Deadline, WalPosition? End = null)
{
    /// <summary>What becomes of what is not sent by then.</summary>
    public UnsentRest Rest { get; init; } = UnsentRest.Owed;
}

/// <param name="Complete">False when the deadline passed before everything was sent.</param>
public sealed record RemoteWriteFlushed(bool Complete);

/// <summary>One <c>remote_write</c> block. The actor owns the queue's life; the bytes flow beside it.</summary>
internal sealed partial class RemoteWriteActor : ReceiveActor
{
    private readonly RemoteWriteSpec _spec;
    private readonly Func<RemoteWriteQueue> _open;
    private readonly ILogger _logger;
    private readonly List<IActorRef> _waiting = [];
    private RemoteWriteQueue? _queue;
    private bool _isFlushing;

    public RemoteWriteActor(RemoteWriteSpec spec, Func<RemoteWriteQueue> open, ILogger logger)
    {
        _spec = spec;
        _open = open;
        _logger = logger;
        Receive<FlushRemoteWrite>(Flush);
        Receive<Flushed>(Finish);
        Receive<QueueFailed>(failed => throw new InvalidOperationException($"remote write queue {_spec.Name} failed", failed.Cause));
    }

    private sealed record Flushed(bool Complete);

    private sealed record QueueFailed(Exception Cause);

    protected override void PreStart()
    {
        _queue = _open();
        LogStarted(_spec.Name, _spec.Config.PrintableUrl);
        var self = Self;
        _ = _queue.Ended.ContinueWith(
            ended => self.Tell(new QueueFailed(ended.Exception!.GetBaseException())),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
    }

    protected override void PostStop() => _queue?.Dispose();

    private void Flush(FlushRemoteWrite request)
    {
        _waiting.Add(Sender);
        if (_isFlushing)
        {
            _queue!.ChangeRest(request.Rest);
            return;
        }

        _isFlushing = true;
        _queue!.StopAsync(request.End ?? _spec.Published.Position, request.Deadline, request.Rest)
            .PipeTo(Self, success: complete => new Flushed(complete), failure: cause => new QueueFailed(cause));
    }

    private void Finish(Flushed flushed)
    {
        LogStopped(_spec.Name, flushed.Complete);
        foreach (var waiting in _waiting)
        {
            waiting.Tell(new RemoteWriteFlushed(flushed.Complete));
        }

        Context.Stop(Self);
    }

    [LoggerMessage(5020, LogLevel.Information, "Remote write queue {Queue} sends to {Url}")]
    private partial void LogStarted(string queue, string url);

    [LoggerMessage(5021, LogLevel.Information, "Remote write queue {Queue} ended, everything sent: {Complete}")]
    private partial void LogStopped(string queue, bool complete);
}
