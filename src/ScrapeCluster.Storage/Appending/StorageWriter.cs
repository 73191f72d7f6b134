using Microsoft.Extensions.Logging;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// The one writer of log and head: what <see cref="StorageActor"/> does, without the actor. Not safe for concurrent use.
/// </summary>
internal sealed partial class StorageWriter : IDisposable
{
    private readonly StorageOptions _options;
    private readonly HeadBlock _head;
    private readonly WalWriter _wal;
    private readonly StorageCounters _counters;
    private readonly BatchAppender _appender;
    private readonly WalExpiries _expiries;
    private readonly ILogger _logger;
    private readonly WalBatch _records = new();
    private HeadTruncation? _truncation;
    private long _failedInARow;
    private Task<ChunkFlush>? _flush;

    /// <summary>The last flush failed: the next one waits for the tick.</summary>
    private bool _flushFailed;
    private Task<CheckpointOutcome>? _checkpoint;
    private bool _checkpointDue;

    public StorageWriter(
        StorageOptions options, HeadBlock head, WalWriter wal, WalExpiries expiries, StorageCounters counters, ILogger logger)
    {
        _options = options;
        _head = head;
        _wal = wal;
        _counters = counters;
        _expiries = expiries;
        _logger = logger;
        _appender = new BatchAppender(head, counters);
    }

    /// <summary>Stores the batch and answers for it. The batch stays the caller's.</summary>
    public AppendResult Append(SampleBatch batch)
    {
        _records.Clear();
        if (_appender.Prepare(batch, _records) is { } unfit)
        {
            return AppendResult.Failed(batch.Round, unfit);
        }

        if (_wal.Append(_records) is { } fault)
        {
            _appender.Abandon();
            return AppendResult.Failed(batch.Round, Failed(fault));
        }

        if (_failedInARow > 0)
        {
            LogWritesAgain(_options.WalPath, _failedInARow);
            _failedInARow = 0;
        }

        return _appender.Commit(batch);
    }

    /// <summary>Waits for what runs beside: nothing touches the directory afterwards.</summary>
    public void Dispose()
    {
        _checkpoint?.ContinueWith(static _ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
        _flush?.GetAwaiter().GetResult();
        _wal.Dispose();
    }

    private string Failed(WalWriteFault fault)
    {
        _counters.WalWritesFailed++;
        if (_failedInARow++ == 0)
        {
            LogWriteFailed(fault);
        }

        return fault.DiskFull
            ? $"{fault}; nothing of this scrape is stored: make room on the disk of {_options.Path}, or keep less (--storage.tsdb.retention.size)"
            : $"{fault}; nothing of this scrape is stored: check the disk and the rights of {_options.Path}";
    }
}
