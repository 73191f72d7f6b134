using Microsoft.Extensions.Logging;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Agent;

/// <summary>The one writer of an agent's log: what <see cref="AgentActor"/> does, without the actor. Not safe for concurrent use.</summary>
internal sealed partial class AgentWriter : IDisposable
{
    private readonly AgentOptions _options;
    private readonly AgentSeries _series;
    private readonly WalWriter _wal;
    private readonly SeriesRefReserve _refs;
    private readonly IDataFiles _files;
    private readonly AgentAppender _appender;
    private readonly WalExpiries _expiries;
    private readonly OwedSegments _owed;
    private readonly LogTimes _times = new();
    private readonly AgentCounters _counters;
    private readonly WalFaultLog _faults;
    private readonly CheckpointNotes _checkpoints;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WalBatch _records = new();
    private AgentTruncation? _truncation;
    private long _truncationStart;
    private Task<CheckpointOutcome>? _checkpoint;

    /// <summary>From which time on the checkpoint that is due keeps samples; null when none is due.</summary>
    private long? _checkpointFromMs;

    /// <summary>The same of the checkpoint that is being written, to be due again if it fails.</summary>
    private long _checkpointUsesMs;

    /// <summary>Of what no later segment than this one speaks, it keeps no series for the log's sake.</summary>
    private int _checkpointSettled;

    /// <summary>The highest reference that was given when it began: series records up to it are in closed segments.</summary>
    private ulong _checkpointKnows;
    private bool _isDisposed;

    public AgentWriter(
        AgentOptions options, AgentSeries series, OpenedLog log, WalExpiries expiries, OwedSegments owed, AgentCounters counters, TimeProvider time, ILogger logger)
    {
        _options = options;
        _series = series;
        _wal = log.Wal;
        _refs = log.Refs;
        _files = log.Files;
        _expiries = expiries;
        _owed = owed;
        _counters = counters;
        _time = time;
        _logger = logger;
        _faults = new WalFaultLog(options.Path, "--storage.agent.retention.max-time", counters.Storage, logger);
        _checkpoints = new CheckpointNotes(counters.Storage, logger);
        _appender = new AgentAppender(series, counters.Storage);
    }

    /// <summary>True when <see cref="Append"/>'s answer may be given only after <see cref="Sync"/>.</summary>
    public bool NeedsSync => _wal.NeedsSync;

    /// <summary>A pass over the series has begun and needs <see cref="ContinueTruncation"/>.</summary>
    public bool IsTruncating => _truncation is not null;

    /// <summary>Stores the batch and answers for it. The batch stays the caller's.</summary>
    public AppendResult Append(SampleBatch batch)
    {
        _records.Clear();
        if (_appender.Prepare(batch, _records) is { } unfit)
        {
            return AppendResult.Failed(batch.Round, unfit);
        }

        var fault = Log();
        while (fault is { DiskFull: true } && _owed.TryMakeRoom())
        {
            // New samples before the oldest of those that wait to be sent.
            fault = Log();
        }

        if (fault is not null)
        {
            _appender.Abandon();
            return AppendResult.Failed(batch.Round, _faults.Failed(fault));
        }

        _faults.Succeeded();
        return _appender.Commit(batch);
    }

    /// <summary>Null when all that was appended is on the disk; else what to answer instead.</summary>
    public string? Sync() => _wal.Sync() is { } fault ? _faults.NotFlushed(fault) : null;

    /// <summary>Tells of flushes that failed beside. What remote write has sent of the log, or waits for beyond its limits, goes, beside; over when it has gone.</summary>
    public Task Look()
    {
        _faults.Look(_wal.SyncFault);
        _times.Add(_wal.Published.Position, _time.GetUtcNow().ToUnixTimeMilliseconds());
        return _owed.Look();
    }

    private WalWriteFault? Log() => _refs.Cover(_series.Refs.Highest) ?? _wal.Append(_records);

    /// <summary>Waits for what runs beside: nothing touches the directory afterwards.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _checkpoint?.ContinueWith(static _ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
        _owed.Wait();
        _wal.Dispose();
        _refs.Release(_series.Refs.Highest);
    }
}
