using ScrapeCluster.Model;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Agent;

/// <summary>
/// The single writer of an agent's log; what <see cref="StorageActor"/> is where there is a head. Between scrapes it forgets series in short steps;
/// checkpoints run on their own thread. An unexpected exception ends the process by the callback.
/// </summary>
internal sealed class AgentActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);

    private readonly AgentWriter _writer;
    private readonly SampleBatchPool _pool;
    private readonly TimeSpan _truncateInterval;
    private readonly Action<Exception> _fatal;
    private readonly CancellationTokenSource _stopped = new();
    private readonly HeldAnswers _held = new();

    public AgentActor(AgentWriter writer, SampleBatchPool pool, TimeSpan truncateInterval, Action<Exception> fatal)
    {
        _writer = writer;
        _pool = pool;
        _truncateInterval = truncateInterval;
        _fatal = fatal;

        Receive<SampleBatch>(OnBatch);
        Receive<Order>(order => Guarded(() => OnOrder(order)));
        Receive<CheckpointOutcome>(outcome => Guarded(() => _writer.EndCheckpoint(outcome)));
        Receive<Status.Failure>(failure => Guarded(() => _writer.FailCheckpoint(failure.Cause)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Order.Look), Order.Look, LookInterval);
        Timers.StartPeriodicTimer(nameof(Order.Truncate), Order.Truncate, _truncateInterval);
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        Guarded(FlushLog);
        _writer.Dispose();
    }

    private void OnBatch(SampleBatch batch)
    {
        AppendResult result;
        try
        {
            result = _writer.Append(batch);
        }
        catch (Exception failure)
        {
            Fail(failure);
            return;
        }

        _pool.Return(batch);
        if (!_writer.NeedsSync || result.Error is not null)
        {
            Sender.Tell(result);
            return;
        }

        if (_held.IsEmpty)
        {
            Self.Tell(Order.FlushLog);
        }

        _held.Hold(Sender, result);
    }

    private void OnOrder(Order order)
    {
        switch (order)
        {
            case Order.FlushLog:
                FlushLog();
                break;
            case Order.Look:
                _ = _writer.Look();
                if (_writer.IsTruncationUrgent && _writer.BeginTruncation())
                {
                    TruncateMore();
                }

                BeginCheckpoint();
                break;
            case Order.Truncate when _writer.BeginTruncation():
            case Order.TruncateMore:
                TruncateMore();
                break;
            default:
                break;
        }
    }

    private void FlushLog()
    {
        if (!_held.IsEmpty)
        {
            _held.Release(_writer.Sync());
        }
    }

    private void TruncateMore()
    {
        if (_writer.ContinueTruncation())
        {
            Self.Tell(Order.TruncateMore);
        }
        else
        {
            BeginCheckpoint();
        }
    }

    private void BeginCheckpoint()
    {
        if (!_writer.IsTruncating)
        {
            _writer.BeginCheckpoint(_stopped.Token)?.PipeTo(Self, Self);
        }
    }

    private void Guarded(Action step)
    {
        try
        {
            step();
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    private void Fail(Exception failure)
    {
        _fatal(failure);
        Context.Stop(Self);
    }

    private enum Order
    {
        /// <summary>Comes behind the batches that waited when the first of them was appended.</summary>
        FlushLog,
        Look,
        Truncate,
        TruncateMore,
    }
}
