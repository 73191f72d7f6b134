using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Metrics;
using ScrapeCluster.Storage.Opening;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Storage.Snapshots;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage;

/// <summary>
/// A node's data directory. In order: <see cref="TryOpen"/> locks it, <see cref="Replay"/> reads the log into the head and
/// starts a new segment, <see cref="StorageProps"/> makes the actor that writes from then on, <see cref="Dispose"/> lets go,
/// after the actor has stopped. <see cref="Query"/> may be used all the time and sees what is there so far.
/// </summary>
public sealed partial class LocalStorage : INodeStorage
{
    private readonly StorageOptions _options;
    private readonly DirectoryLock _lock;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HeadBlock _head;
    private readonly StorageCounters _counters = new();
    private readonly Counter _chunkCorruptions;
    private readonly PassedEntries _passed = new();
    private readonly Gauge _replaySeconds;
    private readonly WalMetrics _walMetrics;
    private readonly OwedMetrics _owedMetrics;
    private readonly CompactionMetrics _compactionMetrics;
    private BlockFolder? _blocks;
    private SnapshotWriter? _snapshots;
    private StorageWriter? _writer;
    private WalWriter? _wal;

    private LocalStorage(StorageOptions options, DirectoryLock taken, MetricsRegistry metrics, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _lock = taken;
        _time = time;
        _logger = loggers.CreateLogger<LocalStorage>();
        _head = new HeadBlock { Metadata = options.Wal.KeepsMetadata ? new MetadataTable() : null };
        _chunkCorruptions = metrics.Counter(
            "prometheus_tsdb_mmap_chunk_corruptions_total", "Total number of memory-mapped chunk corruptions.");
        _replaySeconds = metrics.Gauge("prometheus_tsdb_data_replay_duration_seconds", "Time taken to replay the data on disk.");
        _walMetrics = new WalMetrics(metrics, time);
        _owedMetrics = new OwedMetrics(metrics);
        Query = new StorageQuery(_head, (minMs, maxMs) => Volatile.Read(ref _blocks)?.Read(minMs, maxMs) ?? []);
        StorageMetrics.Register(metrics, _head, Query, _counters, () => _wal?.SegmentIndex ?? -1);
        OpeningMetrics.Register(metrics, _passed);
        _compactionMetrics = new CompactionMetrics(metrics, () => Volatile.Read(ref _blocks));
    }

    public StorageQuery Query { get; }

    public ReplayProgress Progress { get; } = new();

    public string WalDirectory => _options.WalPath;

    /// <summary>How far the log is written, for those who follow it. Only after <see cref="Replay"/>.</summary>
    public WalPublication WalPublished => Opened(_wal).Published;

    public AppendedSamples Appended => _counters.ToLog;

    /// <summary>Places in the log that could not be read, torn ends included.</summary>
    public long Corruptions => _counters.WalCorruptions;

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
    public string? Replay(CancellationToken cancellation = default) => ReplayWith(DiskFiles.Instance, cancellation);

    internal string? ReplayWith(IDataFiles files, CancellationToken cancellation = default)
    {
        var start = _time.GetTimestamp();
        try
        {
            var owed = new OwedSegments(
                _options.WalPath, _options.Owed, _options.SizedOwed, () => StorageWriter.BytesOver(_options, _head), files, _owedMetrics, _time, _logger);
            Checkpoint.CleanUp(_options.WalPath, files, owed.KeepFrom);
            SnapshotWriter.CleanUp(_options.Path, files);
            _blocks = OpenBlocks(files);
            var writtenBeforeMs = _blocks.Blocks.Select(block => block.DataEndMs).DefaultIfEmpty(long.MinValue).Max();
            var mapped = OpenChunkFiles(writtenBeforeMs, files);
            var stopAtDamage = _options.Wal.Repair == WalRepairMode.Cut;
            var report = new WalReplay(_head, mapped, Progress, _passed, writtenBeforeMs).Run(_options.WalPath, stopAtDamage, cancellation, files);
            Mend(report.Damages, files);
            var collected = CutOldSamples(writtenBeforeMs);

            var log = owed.WithRoom(() => LogOpening.Open(_options.WalPath, _options.SizedWal, files, _walMetrics, _time, _head.Refs, _logger));
            _wal = log.Wal;
            var expiries = new WalExpiries();
            report.LogOnly.AddTo(expiries, _wal.SegmentIndex - 1);
            foreach (var seriesRef in collected)
            {
                expiries.Add(seriesRef, _wal.SegmentIndex - 1);
            }

            _snapshots = new SnapshotWriter(_options.Path, _head, Query, _blocks, files, _time);
            var compactor = new Compactor(_options, _head, _blocks, new BlockWriter(files), _compactionMetrics, _time, _logger);
            _writer = new StorageWriter(_options, _head, Query.Pending, log, expiries, owed, compactor, _counters, _logger);
            var seconds = _time.GetElapsedTime(start).TotalSeconds;
            _replaySeconds.Set(seconds);
            LogReplayed(_options.WalPath, report.Samples, _head.SeriesCount, seconds, report.UnknownRefs, report.BrokenRecords, _passed);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"storage path {_options.Path} cannot be opened ({failure.Message}): check the disk, make room or change its rights, or give another one with --storage.path";
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

    /// <summary>
    /// Writes a copy that is a data directory of its own below <c>snapshots/</c>, on a thread of its own; the blocks are linked and take no room. Only after
    /// <see cref="Replay"/>.
    /// </summary>
    /// <param name="withHead">Also what is in no block yet, as a block.</param>
    /// <returns>Its name there.</returns>
    /// <exception cref="IOException">The disk is full or bad, or what is stored is damaged; nothing is left.</exception>
    public Task<string> SnapshotAsync(bool withHead, CancellationToken cancellation)
    {
        var snapshots = Opened(_snapshots);
        return CompactionThread.Run(() => snapshots.Write(withHead, cancellation));
    }

    /// <summary>After the actor has stopped.</summary>
    public void Dispose()
    {
        _writer?.Dispose();
        _blocks?.Dispose();
        _head.Files?.Dispose();
        _lock.Dispose();
    }

    /// <summary>Chunk files that were dropped for damage; their samples came from the log.</summary>
    public long ChunkCorruptions => (long)_chunkCorruptions.Value;

    internal HeadBlock Head => _head;

    internal StorageCounters Counters => _counters;

    internal BlockFolder Blocks => Opened(_blocks);

    internal StorageWriter Writer => Opened(_writer);

    private BlockFolder OpenBlocks(IDataFiles files)
    {
        var blocks = BlockFolder.Open(_options.Path, files);
        foreach (var (folder, reason) in blocks.Bad)
        {
            LogBadBlock(folder, reason);
        }

        foreach (var block in blocks.Blocks.Where(block => block.TimesFault is not null))
        {
            LogWrongTimes(_logger, block.Folder, block.TimesFault!);
        }

        return blocks;
    }

    private MappedChunks OpenChunkFiles(long minMs, IDataFiles files)
    {
        var mapped = new MappedChunks(minMs);
        _head.Files = ChunkFiles.Open(_options.ChunksPath, mapped.Add, out var damage, _options.ChunkFileBytes, files);
        if (damage is not null)
        {
            _chunkCorruptions.Inc();
            LogChunkDamage(damage);
        }

        return mapped;
    }

    private void Mend(IReadOnlyList<WalDamage> damages, IDataFiles files)
    {
        _counters.WalCorruptions += damages.Count;
        LogMending.Mend(damages, _options.Wal.Repair, files, _logger);
    }

    /// <summary>The log may reach further back than the head should: it goes on where the blocks end.</summary>
    private IEnumerable<ulong> CutOldSamples(long writtenBeforeMs)
    {
        var minMs = writtenBeforeMs;
        if (_head.MaxTimeMs != long.MinValue && _options.IsHeadCutByAge)
        {
            minMs = Math.Max(minMs, _head.MaxTimeMs - (long)_options.RetentionTime.TotalMilliseconds);
        }

        if (minMs == long.MinValue)
        {
            return [];
        }

        var truncation = new HeadTruncation(_head, minMs);
        while (truncation.Step())
        {
        }

        return truncation.TakeCollected();
    }

    private static T Opened<T>(T? part)
        where T : class
    {
        return part ?? throw new InvalidOperationException("The storage was not opened: call Replay first.");
    }

    [LoggerMessage(3000, LogLevel.Information, "Log {Directory} replayed: {Samples} samples of {Series} series in {Seconds:F3} s ({Unknown} samples without a series record, {Broken} records with a broken end; passed over and kept in place: {Passed})")]
    private partial void LogReplayed(string directory, long samples, int series, double seconds, long unknown, long broken, PassedEntries passed);

    [LoggerMessage(3007, LogLevel.Warning, "{Folder} cannot be opened as a block and is left as it is, its samples are missing: {Reason}")]
    private partial void LogBadBlock(string folder, string reason);

    [LoggerMessage(3008, LogLevel.Warning, "{Folder}: {Fault}")]
    internal static partial void LogWrongTimes(ILogger logger, string folder, string fault);

    [LoggerMessage(3004, LogLevel.Warning, "Damaged chunk file {Damage}; it and those behind it are dropped, the log still has their samples")]
    private partial void LogChunkDamage(string damage);
}
