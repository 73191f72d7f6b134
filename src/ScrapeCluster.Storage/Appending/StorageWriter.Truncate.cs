using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// Keeping memory and disk bounded. The head is cut in steps between scrapes; then a new segment starts and the old ones go
/// behind a checkpoint, which is written on its own thread.
/// </summary>
internal sealed partial class StorageWriter
{
    /// <summary>Starts cutting when the head reaches too far back; false when there is nothing to do.</summary>
    public bool BeginTruncation()
    {
        if (_truncation is not null)
        {
            return true;
        }

        if (_head.MaxTimeMs == long.MinValue)
        {
            return false;
        }

        var span = (double)_head.MaxTimeMs - _head.MinTimeMs;
        if (span <= (_options.KeptRange + _options.TruncateSlack).TotalMilliseconds)
        {
            return false;
        }

        TruncateBefore(_head.MaxTimeMs - (long)_options.KeptRange.TotalMilliseconds);
        return true;
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
        if (_checkpoint is not null)
        {
            return null;
        }

        if (_checkpointDue)
        {
            _checkpointDue = false;
            if (_wal.StartNextSegment() is { } fault)
            {
                LogWriteFailed(fault);
                _checkpointDue = true;
                return null;
            }

            return Checkpoint.Plan(_options.WalPath, _wal.SegmentIndex) is { } last ? Start(last, _head.MinTimeMs, cancellation) : null;
        }

        return OverSize() is { } oldest ? Start(oldest, long.MaxValue, cancellation) : null;
    }

    public void EndCheckpoint(CheckpointOutcome outcome)
    {
        _checkpoint = null;
        _counters.WalTruncations++;
        _expiries.ForgetUpTo(outcome.LastSegment);
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

    private Task<CheckpointOutcome> Start(int last, long minMs, CancellationToken cancellation)
    {
        return _checkpoint = Checkpoint.WriteAsync(
            _options.WalPath, last, seriesRef => _head.Refs.Contains(seriesRef) || _expiries.IsNeeded(seriesRef, last), minMs, cancellation);
    }

    /// <summary>The last of the oldest segments that must go for the log to fit again: their samples are given up, their series are not.</summary>
    private int? OverSize()
    {
        if (_options.RetentionSizeBytes <= 0)
        {
            return null;
        }

        var segments = WalFormat.Segments(_options.WalPath);
        var sizes = segments.Select(segment => new FileInfo(WalFormat.SegmentPath(_options.WalPath, segment)).Length).ToList();
        var total = sizes.Sum() + CheckpointBytes();
        if (total <= _options.RetentionSizeBytes)
        {
            return null;
        }

        if (segments[^1] == _wal.SegmentIndex && segments.Count == 1)
        {
            // A checkpoint of series that is too large by itself does not shrink by being written every time.
            return sizes[^1] < _options.RetentionSizeBytes / 4 ? null : _wal.StartNextSegment() is null ? segments[0] : null;
        }

        int? last = null;
        for (var i = 0; i < segments.Count && segments[i] < _wal.SegmentIndex && total > _options.RetentionSizeBytes; i++)
        {
            total -= sizes[i];
            last = segments[i];
        }

        LogOverSize(_options.RetentionSizeBytes, segments[0], last ?? -1);
        return last;
    }

    private long CheckpointBytes()
    {
        return WalFormat.LastCheckpoint(_options.WalPath) is { } last
            ? new DirectoryInfo(WalFormat.CheckpointPath(_options.WalPath, last)).EnumerateFiles().Sum(file => file.Length)
            : 0;
    }
}
