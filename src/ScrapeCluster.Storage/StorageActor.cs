using ScrapeCluster.Model;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage;

/// <summary>
/// The single writer of a node's samples. Takes <see cref="SampleBatch"/>es, one a scrape, and answers each sender with an
/// <see cref="AppendResult"/>. Between scrapes it cuts what is too old, in short steps; checkpoints run on their own thread.
/// An unexpected exception ends the process by the callback: log and memory may then differ, so nothing may go on here.
/// </summary>
internal sealed class StorageActor : ReceiveActor, IWithTimers
{
    private readonly StorageWriter _writer;
    private readonly SampleBatchPool _pool;
    private readonly TimeSpan _truncateInterval;
    private readonly Action<Exception> _fatal;
    private readonly CancellationTokenSource _stopped = new();

    public StorageActor(StorageWriter writer, SampleBatchPool pool, TimeSpan truncateInterval, Action<Exception> fatal)
    {
        _writer = writer;
        _pool = pool;
        _truncateInterval = truncateInterval;
        _fatal = fatal;

        Receive<SampleBatch>(OnBatch);
        Receive<Tick>(_ => Guarded(OnTick));
        Receive<CutMore>(_ => Guarded(OnCutMore));
        Receive<ChunkFlush>(flush => Guarded(() => _writer.EndFlush(flush)));
        Receive<CheckpointOutcome>(outcome => Guarded(() => _writer.EndCheckpoint(outcome)));
        Receive<Status.Failure>(failure => Guarded(() => _writer.FailCheckpoint(failure.Cause)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, _truncateInterval);

    protected override void PostStop()
    {
        _stopped.Cancel();
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
        Sender.Tell(result);
        if (_writer.IsFlushDue)
        {
            BeginFlush();
        }
    }

    private void OnTick()
    {
        _writer.Reclaim();
        BeginFlush();
        if (_writer.IsTruncating)
        {
            return;
        }

        if (_writer.BeginTruncation())
        {
            Self.Tell(CutMore.Instance);
        }
        else
        {
            BeginCheckpoint();
        }
    }

    private void OnCutMore()
    {
        if (_writer.ContinueTruncation())
        {
            Self.Tell(CutMore.Instance);
        }
        else
        {
            BeginCheckpoint();
        }
    }

    private void BeginFlush() => _writer.BeginFlush()?.PipeTo(Self);

    private void BeginCheckpoint() => _writer.BeginCheckpoint(_stopped.Token)?.PipeTo(Self);

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

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }

    private sealed record CutMore
    {
        public static readonly CutMore Instance = new();
    }
}
