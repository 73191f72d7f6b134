using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Testing.Storage;

/// <summary>What <c>StorageActor</c> does between two batches, without the actor and its clock: pieces of maintenance run beside the caller's appends.</summary>
/// <param name="storage">Opened. Its writer is used by the caller's thread alone.</param>
public sealed class StorageUpkeep(LocalStorage storage, CancellationToken cancellation = default)
{
    private readonly StorageWriter _writer = storage.Writer;
    private Task<ChunkFlush>? _flush;
    private Task<CheckpointOutcome>? _checkpoint;
    private Task<CompactionOutcome>? _compaction;
    private Task _owed = Task.CompletedTask;
    private volatile bool _isHeadBeingWritten;

    /// <summary>What failed is tried again by the next tick, not before.</summary>
    private bool _rests;

    /// <summary>Of blocks, the head's part and not a merge, is what compaction does now.</summary>
    public bool IsHeadBeingWritten => _isHeadBeingWritten;

    public bool IsIdle => _flush is null && _checkpoint is null && _compaction is null && _owed.IsCompleted;

    /// <summary>Pieces that ended well, and that failed.</summary>
    public int Flushes { get; private set; }

    public int Checkpoints { get; private set; }

    public int Compactions { get; private set; }

    public int Cuts { get; private set; }

    public List<Exception> Failures { get; } = [];

    public void Tick()
    {
        _rests = false;
        _writer.LookForFaults();
        _owed = _writer.LookForOwed();
        _writer.ExpectBlocks();
        _writer.Reclaim();
        _flush ??= _writer.BeginFlush();
        Continue();
    }

    /// <summary>Between batches: takes the ends of what has ended and begins what they were waited for.</summary>
    public void Continue()
    {
        EndFlush();
        EndCheckpoint();
        EndCompaction();
        if (_rests)
        {
            return;
        }

        if (_writer.BeginTruncation())
        {
            while (_writer.ContinueTruncation())
            {
            }

            Cuts++;
        }

        _checkpoint ??= _writer.BeginCheckpoint(cancellation);
        if (_compaction is null)
        {
            _isHeadBeingWritten = HeadRangeRule.Due(storage.Head.MinTimeMs, storage.Head.MaxTimeMs) is not null;
            _compaction = _writer.BeginCompaction(cancellation);
        }
    }

    /// <summary>Waits for what runs; more may be due then.</summary>
    public void Wait()
    {
        Task?[] running = [_flush, _checkpoint, _compaction, _owed];
        Task.WhenAll(running.OfType<Task>()).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).GetAwaiter().GetResult();
        EndFlush();
        EndCheckpoint();
        EndCompaction();
    }

    /// <summary>A tick, and all that follows of it.</summary>
    public void Settle()
    {
        Tick();
        while (!IsIdle)
        {
            Wait();
            Continue();
        }
    }

    private void EndFlush()
    {
        if (_flush is { IsCompleted: true } flush)
        {
            _flush = null;
            _writer.EndFlush(flush.Result);
            Note(flush.Result.Failure);
            Flushes += flush.Result.Failure is null ? 1 : 0;
        }
    }

    private void EndCheckpoint()
    {
        if (_checkpoint is not { IsCompleted: true } checkpoint)
        {
            return;
        }

        _checkpoint = null;
        if (checkpoint.IsCompletedSuccessfully)
        {
            _writer.EndCheckpoint(checkpoint.Result);
            Checkpoints++;
        }
        else
        {
            var failure = checkpoint.Exception?.InnerException ?? new OperationCanceledException();
            _writer.FailCheckpoint(failure);
            Note(failure);
        }
    }

    private void EndCompaction()
    {
        if (_compaction is { IsCompleted: true } compaction)
        {
            _compaction = null;
            _isHeadBeingWritten = false;
            _writer.EndCompaction(compaction.Result);
            Note(compaction.Result.Failure);
            Compactions += compaction.Result.Failure is null ? 1 : 0;
        }
    }

    private void Note(Exception? failure)
    {
        if (failure is not null)
        {
            Failures.Add(failure);
            _rests = true;
        }
    }
}
