using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Agent;

/// <summary>Keeping memory and log bounded: series without new samples go, then a new segment starts and the old ones go behind a checkpoint.</summary>
internal sealed partial class AgentWriter
{
    /// <summary>More is owed than may be, and only a checkpoint before its time lets the oldest of it go.</summary>
    public bool IsTruncationUrgent => _owed.AwaitsCheckpoint;

    /// <summary>Starts a pass over the series; false while a checkpoint is being written, which asks for the series that a pass collects.</summary>
    public bool BeginTruncation()
    {
        if (_checkpoint is not null || _truncation is not null)
        {
            return false;
        }

        _truncationStart = _time.GetTimestamp();
        _truncation = new AgentTruncation(
            _series, AgentRetention.MinMs(_time.GetUtcNow().ToUnixTimeMilliseconds(), _times.SentMs(_options.Owed.Lowest), _options));
        _wal.PrepareNextSegment();
        return true;
    }

    /// <summary>Goes on with the pass; false when done.</summary>
    public bool ContinueTruncation()
    {
        if (_truncation is null || _truncation.Step())
        {
            return _truncation is not null;
        }

        foreach (var seriesRef in _truncation.Collected)
        {
            _expiries.Add(seriesRef, _wal.SegmentIndex);
        }

        _counters.PendingDeletion = _expiries.Count;
        _checkpointFromMs = _truncation.MinMs;
        LogTruncated(_truncation.MinMs, _series.Count, _truncation.Collected.Count);
        _truncation = null;
        return false;
    }

    /// <summary>The checkpoint that is due now, if any, running on its own thread; hand its end to <see cref="EndCheckpoint"/>.</summary>
    public Task<CheckpointOutcome>? BeginCheckpoint(CancellationToken cancellation)
    {
        if (_checkpoint is not null || _checkpointFromMs is not { } fromMs)
        {
            return null;
        }

        if (_wal.StartNextSegment() is { } fault)
        {
            LogNoNextSegment(fault);
            return null;
        }

        _checkpointFromMs = null;
        if (Checkpoint.Plan(_options.WalPath, _wal.SegmentIndex) is not { } last)
        {
            return null;
        }

        _checkpointUsesMs = fromMs;
        _checkpointSettled = _owed.LastSettled(last);
        _checkpointKnows = _series.Refs.Highest;
        var closed = _wal.SegmentIndex - 1;
        var settled = _checkpointSettled;
        return _checkpoint = Checkpoint.RunAsync(() => WriteCheckpoint(last, closed, settled, fromMs, cancellation), cancellation);
    }

    public void EndCheckpoint(CheckpointOutcome outcome)
    {
        _checkpoint = null;
        _expiries.Forget(_checkpointSettled, _checkpointUsesMs);
        _counters.PendingDeletion = _expiries.Count;
        _counters.Truncated(_time.GetElapsedTime(_truncationStart));
        _checkpoints.Written(outcome);
        if (outcome.RecordedRefs is { } recorded)
        {
            ForgetOthers(recorded);
        }
    }

    /// <summary>The log is as it was; the next look tries again.</summary>
    public void FailCheckpoint(Exception failure)
    {
        _checkpoint = null;
        _checkpointFromMs = _checkpointUsesMs;
        _checkpoints.Failed(_options.WalPath, failure);
        if (WalWriteFault.IsDiskFull(failure))
        {
            // A disk that is too full for maintenance is too full for samples soon.
            _ = _owed.TryMakeRoom();
        }
    }

    /// <summary>On the checkpoint's thread.</summary>
    /// <param name="closed">The last segment that is closed.</param>
    /// <param name="settled">Series of which only segments up to this one speak are not kept for the log's sake.</param>
    private CheckpointOutcome WriteCheckpoint(int last, int closed, int settled, long fromMs, CancellationToken cancellation)
    {
        var outcome = Checkpoint.Write(_options.WalPath, last, IsNeeded, fromMs, _files, cancellation, keepFrom: () => _owed.KeepFrom);
        _owed.Apply();
        return outcome.Damages.Count == 0 ? outcome : outcome with { RecordedRefs = RecordedRefs(outcome.LastSegment, closed) };

        bool IsNeeded(ulong seriesRef) => _series.Refs.Contains(seriesRef) || _expiries.IsNeeded(seriesRef, settled, fromMs);
    }

    private HashSet<ulong> RecordedRefs(int checkpoint, int closed)
    {
        try
        {
            using var reader = new WalReader(_options.WalPath, checkpoint, checkpoint + 1, closed) { Files = _files };
            return SeriesRecords.Refs(reader);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Nothing is certain then, and every series is made known again.
            return [];
        }
    }

    /// <summary>
    /// Damage has taken series records, and labels are in the log alone: samples under such a reference would belong to nobody after a restart. So the series
    /// is forgotten, and its next sample comes with labels and makes it known under a new reference.
    /// </summary>
    private void ForgetOthers(IReadOnlySet<ulong> recorded)
    {
        var forgotten = 0;
        for (var row = 1u; row < _series.End; row++)
        {
            if (_series.Ref(row) is not 0 and var seriesRef && seriesRef <= _checkpointKnows && !recorded.Contains(seriesRef))
            {
                _series.Remove(row);
                forgotten++;
            }
        }

        LogMadeKnownAgain(forgotten);
    }

    [LoggerMessage(3120, LogLevel.Information, "Series without a sample since {MinTimeMs} are forgotten: {Series} left, {Collected} gone")]
    private partial void LogTruncated(long minTimeMs, int series, int collected);

    [LoggerMessage(3121, LogLevel.Warning, "Damage of the log has taken the labels of {Series} series: they become known again, under new references, with their next samples")]
    private partial void LogMadeKnownAgain(int series);

    [LoggerMessage(3123, LogLevel.Warning, "No new segment of the log for a checkpoint, the next look tries again: {Fault}")]
    private partial void LogNoNextSegment(WalWriteFault fault);
}
