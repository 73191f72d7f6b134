using ScrapeCluster.Model;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage;

/// <summary>
/// The single writer of a node's samples. Takes <see cref="SampleBatch"/>es, one a scrape, and answers each sender with an
/// <see cref="AppendResult"/>. Between scrapes it cuts what is too old or in a block, in short steps; compaction and checkpoints run on threads of their own.
/// An unexpected exception ends the process by the callback: log and memory may then differ, so nothing may go on here.
/// </summary>
internal sealed class StorageActor : ReceiveActor, IWithTimers
{
    private readonly StorageWriter _writer;
    private readonly SampleBatchPool _pool;
    private readonly TimeSpan _truncateInterval;
    private readonly Action<Exception> _fatal;
    private readonly CancellationTokenSource _stopped = new();
    private readonly HeldAnswers _held = new();

    public StorageActor(StorageWriter writer, SampleBatchPool pool, TimeSpan truncateInterval, Action<Exception> fatal)
    {
        _writer = writer;
        _pool = pool;
        _truncateInterval = truncateInterval;
        _fatal = fatal;

        Receive<SampleBatch>(OnBatch);
        Receive<FlushLog>(_ => Guarded(OnFlushLog));
        Receive<Tick>(_ => Guarded(OnTick));
        Receive<ReclaimMore>(_ => Guarded(OnReclaim));
        Receive<CutMore>(_ => Guarded(OnCutMore));
        Receive<ChunkFlush>(flush => Guarded(() => OnFlushed(flush)));
        Receive<CompactionOutcome>(outcome => Guarded(() => OnCompacted(outcome)));
        Receive<CheckpointOutcome>(outcome => Guarded(() => OnCheckpoint(outcome)));
        Receive<Status.Failure>(failure => Guarded(() => _writer.FailCheckpoint(failure.Cause)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, _truncateInterval);

    protected override void PostStop()
    {
        _stopped.Cancel();
        Guarded(OnFlushLog);
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
        Answer(result);
        if (_writer.IsFlushDue)
        {
            BeginFlush();
        }
    }

    private void Answer(AppendResult result)
    {
        if (!_writer.NeedsSync || result.Error is not null)
        {
            Sender.Tell(result);
            return;
        }

        if (_held.IsEmpty)
        {
            Self.Tell(FlushLog.Instance);
        }

        _held.Hold(Sender, result);
    }

    private void OnFlushLog()
    {
        if (!_held.IsEmpty)
        {
            _held.Release(_writer.Sync());
        }
    }

    private void OnTick()
    {
        _writer.LookForFaults();
        _ = _writer.LookForOwed();
        _writer.ExpectBlocks();
        OnReclaim();
        BeginFlush();
        Maintain();
    }

    private void OnReclaim()
    {
        if (_writer.Reclaim())
        {
            Self.Tell(ReclaimMore.Instance);
        }
    }

    private void OnFlushed(ChunkFlush flush)
    {
        _writer.EndFlush(flush);
        Maintain();
    }

    private void OnCutMore()
    {
        if (_writer.ContinueTruncation())
        {
            Self.Tell(CutMore.Instance);
        }
        else
        {
            Maintain();
        }
    }

    private void OnCompacted(CompactionOutcome outcome)
    {
        if (_writer.EndCompaction(outcome))
        {
            Maintain();
        }
    }

    private void OnCheckpoint(CheckpointOutcome outcome)
    {
        _writer.EndCheckpoint(outcome);
        Maintain();
    }

    /// <summary>Begins what is due and can be now: the end of one piece may be what another has waited for.</summary>
    private void Maintain()
    {
        if (_writer.IsTruncating)
        {
            return;
        }

        if (_writer.BeginTruncation())
        {
            Self.Tell(CutMore.Instance);
            return;
        }

        BeginCheckpoint();
        BeginCompaction();
    }

    private void BeginFlush() => _writer.BeginFlush()?.PipeTo(Self, Self);

    private void BeginCompaction() => _writer.BeginCompaction(_stopped.Token)?.PipeTo(Self, Self);

    private void BeginCheckpoint() => _writer.BeginCheckpoint(_stopped.Token)?.PipeTo(Self, Self);

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

    private sealed record FlushLog
    {
        public static readonly FlushLog Instance = new();
    }

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }

    private sealed record ReclaimMore
    {
        public static readonly ReclaimMore Instance = new();
    }

    private sealed record CutMore
    {
        public static readonly CutMore Instance = new();
    }
}
