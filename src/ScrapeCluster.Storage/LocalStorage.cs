using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Metrics;
using ScrapeCluster.Storage.Opening;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Files;

namespace ScrapeCluster.Storage;

/// <summary>
/// A node's data directory. In order: <see cref="TryOpen"/> locks it, <see cref="Replay"/> reads the log into the head and
/// starts a new segment, <see cref="StorageProps"/> makes the actor that writes from then on, <see cref="Dispose"/> lets go,
/// after the actor has stopped. <see cref="Query"/> may be used all the time and sees what is there so far.
/// </summary>
public sealed partial class LocalStorage : IDisposable
{
    private readonly StorageOptions _options;
    private readonly DirectoryLock _lock;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HeadBlock _head = new();
    private readonly StorageCounters _counters = new();
    private readonly Counter _corruptions;
    private readonly Counter _chunkCorruptions;
    private readonly Counter _unsupported;
    private readonly Gauge _replaySeconds;
    private readonly WalMetrics _walMetrics;
    private StorageWriter? _writer;
    private WalWriter? _wal;

    private LocalStorage(StorageOptions options, DirectoryLock taken, MetricsRegistry metrics, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _lock = taken;
        _time = time;
        _logger = loggers.CreateLogger<LocalStorage>();
        _corruptions = metrics.Counter("prometheus_tsdb_wal_corruptions_total", "Total number of WAL corruptions.");
        _chunkCorruptions = metrics.Counter(
            "prometheus_tsdb_mmap_chunk_corruptions_total", "Total number of memory-mapped chunk corruptions.");
        _unsupported = metrics.Counter(
            "scrapecluster_wal_unsupported_records_total", "Records of the write-ahead log compressed by a method that is not read here, found at the start.");
        _replaySeconds = metrics.Gauge("prometheus_tsdb_data_replay_duration_seconds", "Time taken to replay the data on disk.");
        _walMetrics = new WalMetrics(metrics, time);
        StorageMetrics.Register(metrics, _head, _counters, () => _wal?.SegmentIndex ?? -1);
        Query = new HeadQuery(_head);
    }

    public HeadQuery Query { get; }

    public ReplayProgress Progress { get; } = new();

    public string WalDirectory => _options.WalPath;

    /// <summary>How far the log is written, for those who follow it. Only after <see cref="Replay"/>.</summary>
    public WalPublication WalPublished => Opened(_wal).Published;

    /// <summary>Places in the log that could not be read, torn ends included.</summary>
    public long Corruptions => (long)_corruptions.Value;

    /// <summary>Makes the directory if needed and locks it. The fault names path, reason and what to do.</summary>
    public static bool TryOpen(
        StorageOptions options,
        MetricsRegistry metrics,
        ILoggerFactory loggers,
        TimeProvider time,
        [NotNullWhen(true)] out LocalStorage? storage,
        [NotNullWhen(false)] out string? fault)
    {
        storage = DirectoryLock.TryTake(options.Path, out var taken, out fault)
            ? new LocalStorage(options, taken, metrics, loggers, time)
            : null;
        return storage is not null;
    }

    /// <summary>Reads the log, mends it, and opens it for writing; on a thread of its own, as it may take a while. Null, or what failed.</summary>
    public string? Replay(CancellationToken cancellation = default) => ReplayWith(DiskWalFiles.Instance, cancellation);

    internal string? ReplayWith(IWalFiles files, CancellationToken cancellation = default)
    {
        var start = _time.GetTimestamp();
        try
        {
            Checkpoint.CleanUp(_options.WalPath);
            var mapped = OpenChunkFiles();
            var report = new WalReplay(_head, mapped, Progress).Run(_options.WalPath, cancellation);
            Mend(report.Damages);
            if (report.UnsupportedRecords > 0)
            {
                _unsupported.Add(report.UnsupportedRecords);
                LogUnsupported(_options.WalPath, report.UnsupportedRecords);
            }

            var collected = CutOldSamples();

            _wal = WalWriter.Open(_options.WalPath, _options.SizedWal, files, _walMetrics);
            var expiries = new WalExpiries();
            foreach (var seriesRef in report.Aliases.Concat(collected))
            {
                expiries.Add(seriesRef, _wal.SegmentIndex - 1);
            }

            _writer = new StorageWriter(_options, _head, _wal, expiries, _counters, _logger);
            var seconds = _time.GetElapsedTime(start).TotalSeconds;
            _replaySeconds.Set(seconds);
            LogReplayed(_options.WalPath, report.Samples, _head.SeriesCount, seconds, report.UnknownRefs, report.SkippedRecords);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"storage path {_options.Path} cannot be opened ({failure.Message}): make room or change its rights, or give another one with --storage.path";
        }
    }

    /// <summary>The actor that takes <see cref="SampleBatch"/>es. Only after <see cref="Replay"/>, and once.</summary>
    /// <param name="pool">Where batches go back to.</param>
    /// <param name="fatal">Ends the process: called for an unexpected exception, after which memory and log may differ.</param>
    public Props StorageProps(SampleBatchPool pool, Action<Exception> fatal)
    {
        var writer = Opened(_writer);
        return Props.Create(() => new StorageActor(writer, pool, _options.TruncateInterval, fatal));
    }

    /// <summary>After the actor has stopped.</summary>
    public void Dispose()
    {
        _writer?.Dispose();
        _head.Files?.Dispose();
        _lock.Dispose();
    }

    /// <summary>Chunk files that were dropped for damage; their samples came from the log.</summary>
    public long ChunkCorruptions => (long)_chunkCorruptions.Value;

    internal HeadBlock Head => _head;

    internal StorageWriter Writer => Opened(_writer);

    private MappedChunks OpenChunkFiles()
    {
        var mapped = new MappedChunks();
        _head.Files = ChunkFiles.Open(_options.ChunksPath, mapped.Add, out var damage, _options.ChunkFileBytes);
        if (damage is not null)
        {
            _chunkCorruptions.Inc();
            LogChunkDamage(damage);
        }

        return mapped;
    }

    private void Mend(IReadOnlyList<WalDamage> damages)
    {
        _corruptions.Add((long)damages.Count);
        foreach (var damage in damages)
        {
            LogDamage(damage);
        }

        foreach (var outcome in WalRepair.Repair(damages))
        {
            if (outcome.Failure is not null)
            {
                LogNotMended(outcome.First.File, outcome.Failure);
            }
            else if (!outcome.IsTornEnd)
            {
                LogMended(outcome.First.File, outcome.RecordsKeptBehind, outcome.Copy);
            }
        }
    }

    /// <summary>The log may reach further back than the head should.</summary>
    private IEnumerable<ulong> CutOldSamples()
    {
        if (_head.MaxTimeMs == long.MinValue)
        {
            return [];
        }

        var truncation = new HeadTruncation(_head, _head.MaxTimeMs - (long)_options.KeptRange.TotalMilliseconds);
        while (truncation.Step())
        {
        }

        return truncation.CollectedRefs;
    }

    private static T Opened<T>(T? part)
        where T : class
    {
        return part ?? throw new InvalidOperationException("The storage was not opened: call Replay first.");
    }

    [LoggerMessage(3000, LogLevel.Information, "Log {Directory} replayed: {Samples} samples of {Series} series in {Seconds:F3} s ({Unknown} samples without a series record, {Skipped} records of other kinds)")]
    private partial void LogReplayed(string directory, long samples, int series, double seconds, long unknown, long skipped);

    [LoggerMessage(3001, LogLevel.Warning, "Damage in the {Damage}; what can be read before and behind it is kept")]
    private partial void LogDamage(WalDamage damage);

    [LoggerMessage(3002, LogLevel.Warning, "Segment {File} was written again without its damage, {Records} records behind it kept; the damaged bytes are in {Copy}")]
    private partial void LogMended(string file, long records, string? copy);

    [LoggerMessage(3003, LogLevel.Error, "Segment {File} could not be mended ({Reason}): other programs may refuse it")]
    private partial void LogNotMended(string file, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "Damaged chunk file {Damage}; it and those behind it are dropped, the log still has their samples")]
    private partial void LogChunkDamage(string damage);

    [LoggerMessage(3005, LogLevel.Warning, "Log {Directory} has {Records} records compressed with zstd, which is not read here: their samples are missing and go with their segments; Prometheus writes snappy with --storage.tsdb.wal-compression-type=snappy")]
    private partial void LogUnsupported(string directory, long records);
}
