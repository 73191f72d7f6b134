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
    /// Starts cutting when the head reaches too far back; false when there is nothing to do, or a checkpoint is being written: it asks for
    /// the series that a cut collects.
    /// </summary>
    public bool BeginTruncation()
    {
        if (_head.MaxTimeMs == long.MinValue || _checkpoint is not null)
        {
            return false;
        }

        var span = (double)_head.MaxTimeMs - _head.MinTimeMs;
        if (span > (_options.KeptRange + _options.Slack).TotalMilliseconds)
        {
            TruncateBefore(_head.MaxTimeMs - (long)_options.KeptRange.TotalMilliseconds);
            return true;
        }

        // A cut whose checkpoint is still due has not freed what it will.
        return !_checkpointDue && BeginSizeCut(span);
    }

    /// <summary>Starts cutting at a given time.</summary>
    public void TruncateBefore(long minMs) => _truncation = new HeadTruncation(_head, minMs);

    /// <summary>Cuts a bit more; false when done.</summary>
    public bool ContinueTruncation()
    {
        if (_truncation is null || _truncation.Step())
        {
            return _truncation is not null;
        }

        foreach (var seriesRef in _truncation.CollectedRefs)
        {
            _expiries.Add(seriesRef, _wal.SegmentIndex);
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

    /// <summary>Makes memory that readers held back usable again.</summary>
    public void Reclaim() => _head.Reclaim();

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
            LogWriteFailed(fault);
            _checkpointDue = true;
            return null;
        }

        var last = _sizeCut is { } cut ? LastSegmentOf(cut) : Checkpoint.Plan(_options.WalPath, _wal.SegmentIndex);
        return last is { } segment ? Start(segment, cancellation) : null;
    }

    public void EndCheckpoint(CheckpointOutcome outcome)
    {
        _checkpoint = null;
        _counters.WalTruncations++;
        _expiries.ForgetUpTo(outcome.LastSegment);
        EndSizeCut();
        LogCheckpoint(outcome.LastSegment, outcome.Counts.Series, outcome.Counts.Samples, outcome.Counts.DroppedSamples);
    }

    /// <summary>The log is as it was; the next tick tries again.</summary>
    public void FailCheckpoint(Exception failure)
    {
        _checkpoint = null;
        _checkpointDue = true;
        _counters.WalTruncationsFailed++;
        LogCheckpointFailed(_options.WalPath, failure);
    }

    private Task<CheckpointOutcome> Start(int last, CancellationToken cancellation)
    {
        return _checkpoint = Checkpoint.WriteAsync(
            _options.WalPath, last, seriesRef => _head.Refs.Contains(seriesRef) || _expiries.IsNeeded(seriesRef, last), _head.MinTimeMs, cancellation);
    }
}
