using Microsoft.Extensions.Logging;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// The one writer of log and head: what <see cref="StorageActor"/> does, without the actor. Not safe for concurrent use.
/// </summary>
internal sealed partial class StorageWriter : IDisposable
{
    private readonly StorageOptions _options;
    private readonly HeadBlock _head;
    private readonly PendingReads _reads;
    private readonly WalWriter _wal;
    private readonly SeriesRefReserve _refs;
    private readonly IDataFiles _files;
    private readonly StorageCounters _counters;
    private readonly BatchAppender _appender;
    private readonly WalExpiries _expiries;
    private readonly ILogger _logger;
    private readonly WalFaultLog _faults;
    private readonly CheckpointNotes _checkpoints;
    private readonly Compactor _compactor;
    private readonly OwedSegments _owed;
    private readonly WalBatch _records = new();
    private HeadTruncation? _truncation;
    private Task<ChunkFlush>? _flush;

    /// <summary>The last flush failed: the next one waits for the tick.</summary>
    private bool _flushFailed;
    private Task<CheckpointOutcome>? _checkpoint;
    private bool _checkpointDue;

    /// <summary>From which time on the checkpoint that is being written keeps samples.</summary>
    private long _checkpointFromMs;

    /// <summary>Of what no later segment than this one speaks, it keeps no series for the log's sake.</summary>
    private int _checkpointSettled;
    private bool _isDisposed;

    /// <param name="reads">Queries that are under way.</param>
    public StorageWriter(
        StorageOptions options, HeadBlock head, PendingReads reads, OpenedLog log, WalExpiries expiries, OwedSegments owed, Compactor compactor, StorageCounters counters, ILogger logger)
    {
        _options = options;
        _head = head;
        _reads = reads;
        _wal = log.Wal;
        _refs = log.Refs;
        _files = log.Files;
        _counters = counters;
        _expiries = expiries;
        _owed = owed;
        _compactor = compactor;
        _logger = logger;
        _faults = new WalFaultLog(options.Path, "--storage.tsdb.retention.size", counters, logger);
        _checkpoints = new CheckpointNotes(counters, logger);
        _appender = new BatchAppender(head, counters);
    }

    /// <summary>True when <see cref="Append"/>'s answer may be given only after <see cref="Sync"/>.</summary>
    public bool NeedsSync => _wal.NeedsSync;

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
            // New samples before those that wait to be sent: they would be lost here and at the receiver.
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

    private WalWriteFault? Log() => _refs.Cover(_head.Refs.Highest) ?? _wal.Append(_records);

    /// <summary>Null when all that was appended is on the disk; else what to answer instead.</summary>
    public string? Sync() => _wal.Sync() is { } fault ? _faults.NotFlushed(fault) : null;

    /// <summary>Waits for what runs beside: nothing touches the directory afterwards.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _compaction?.GetAwaiter().GetResult();
        _checkpoint?.ContinueWith(static _ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
        _flush?.GetAwaiter().GetResult();
        _owed.Wait();
        _wal.Dispose();
        _refs.Release(_head.Refs.Highest);
    }
}
