using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// Keeping memory and disk bounded. The head is cut in steps between scrapes; then a new segment starts and the old ones go
/// behind a checkpoint, which is written on its own thread.
/// </summary>
internal sealed partial class StorageWriter
{
    /// <summary>A cut has begun and needs <see cref="ContinueTruncation"/>.</summary>
    public bool IsTruncating => _truncation is not null;

    /// <summary>
    /// Starts cutting when a part of the head was written to a block, or it reaches too far back; false when there is nothing to do, or a checkpoint is being written: it asks for
    /// the series that a cut collects.
    /// </summary>
    public bool BeginTruncation()
    {
        if (_head.MaxTimeMs == long.MinValue || _checkpoint is not null)
        {
            return false;
        }

        if (_writtenBeforeMs is { } writtenBeforeMs)
        {
            if (!_reads.HaveEnded(_readsBefore, writtenBeforeMs))
            {
                return false;
            }

            _writtenBeforeMs = null;
            TruncateBefore(writtenBeforeMs);
            return true;
        }

        var span = (double)_head.MaxTimeMs - _head.MinTimeMs;
        if (IsCutByAge && span > (_options.RetentionTime + _options.Slack).TotalMilliseconds)
        {
            TruncateBefore(_head.MaxTimeMs - (long)_options.RetentionTime.TotalMilliseconds);
            return true;
        }

        // A cut whose checkpoint is still due has not freed what it will.
        return !_checkpointDue && BeginSizeCut(span);
    }

    /// <summary>Starts cutting at a given time.</summary>
    public void TruncateBefore(long minMs)
    {
        _truncation = new HeadTruncation(_head, minMs);
        _wal.PrepareNextSegment();
    }

    /// <summary>Cuts a bit more; false when done.</summary>
    public bool ContinueTruncation()
    {
        if (_truncation is null)
        {
            return false;
        }

        var isMoreLeft = _truncation.Step();
        foreach (var seriesRef in _truncation.TakeCollected())
        {
            _expiries.Add(seriesRef, _wal.SegmentIndex);
        }

        if (isMoreLeft)
        {
            return true;
        }

        _appender.ForgetCollected();
        if (_truncation.FilesFailure is { } failure)
        {
            LogFilesStay(_options.ChunksPath, failure);
        }

        LogTruncated(_truncation.MinMs, _head.SeriesCount, _truncation.CollectedCount);
        _truncation = null;
        _counters.HeadTruncations++;
        _checkpointDue = true;
        return false;
    }

    /// <summary>At every tick: tells of flushes that failed beside.</summary>
    public void LookForFaults() => _faults.Look(_wal.SyncFault);

    /// <summary>At every tick: what remote write has sent, or waits for beyond its limits, goes, beside; over when it has gone.</summary>
    public Task LookForOwed() => _owed.Look();

    /// <summary>Makes memory that readers held back usable again; true when there is more of it.</summary>
    public bool Reclaim() => _head.Reclaim();

    /// <summary>The checkpoint that is due now, if any, running on its own thread; hand its end to <see cref="EndCheckpoint"/>.</summary>
    public Task<CheckpointOutcome>? BeginCheckpoint(CancellationToken cancellation)
    {
        if (_checkpoint is not null || !_checkpointDue)
        {
            return null;
        }

        _checkpointDue = false;
        if (_wal.StartNextSegment() is { } fault)
        {
            LogNoNextSegment(fault);
            _checkpointDue = true;
            return null;
        }

        var last = _sizeCut is { } cut ? LastSegmentOf(cut) : Checkpoint.Plan(_options.WalPath, _wal.SegmentIndex);
        return last is { } segment ? Start(segment, cancellation) : null;
    }

    public void EndCheckpoint(CheckpointOutcome outcome)
    {
        _checkpoint = null;
        _expiries.Forget(_checkpointSettled, _checkpointFromMs);
        EndSizeCut();
        _checkpoints.Written(outcome);
    }

    /// <summary>The log is as it was; the next tick tries again.</summary>
    public void FailCheckpoint(Exception failure)
    {
        _checkpoint = null;
        _checkpointDue = true;
        _checkpoints.Failed(_options.WalPath, failure);
        MakeRoomAfter(failure);
    }

    /// <summary>Also when what is due cannot be written to blocks: memory stays bounded.</summary>
    private bool IsCutByAge => _options.IsHeadCutByAge || (_options.RetentionTime > TimeSpan.Zero && _rest == MaxRest);

    private Task<CheckpointOutcome> Start(int last, CancellationToken cancellation)
    {
        var fromMs = _checkpointFromMs = _head.MinTimeMs;
        var settled = _checkpointSettled = _owed.LastSettled(last);
        return _checkpoint = Checkpoint.RunAsync(Write, cancellation);

        CheckpointOutcome Write()
        {
            var outcome = Checkpoint.Write(_options.WalPath, last, IsNeeded, fromMs, _files, cancellation, _head.KnownSeries, () => _owed.KeepFrom);
            _owed.Apply();
            return outcome;
        }

        bool IsNeeded(ulong seriesRef) => _head.Refs.Contains(seriesRef) || _expiries.IsNeeded(seriesRef, settled, fromMs);
    }

    /// <summary>A disk that is too full for maintenance is too full for samples soon.</summary>
    private void MakeRoomAfter(Exception failure)
    {
        if (WalWriteFault.IsDiskFull(failure))
        {
            _ = _owed.TryMakeRoom();
        }
    }
}
