using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Metrics;
using ScrapeCluster.Storage.Opening;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Agent;

/// <summary>
/// A node's data directory in agent mode: the log, for remote write to read, and of each series no more than the time of its last sample. There is nothing
/// to query.
/// </summary>
public sealed partial class AgentStorage : INodeStorage
{
    private readonly AgentOptions _options;
    private readonly DirectoryLock _lock;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AgentSeries _series;
    private readonly PassedEntries _passed = new();
    private readonly AgentCounters _counters;
    private readonly WalMetrics _walMetrics;
    private readonly OwedMetrics _owedMetrics;
    private AgentWriter? _writer;
    private WalWriter? _wal;

    private AgentStorage(AgentOptions options, DirectoryLock taken, MetricsRegistry metrics, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _lock = taken;
        _time = time;
        _logger = loggers.CreateLogger<AgentStorage>();
        _series = new AgentSeries { Metadata = options.Wal.KeepsMetadata ? new MetadataTable() : null };
        _counters = new AgentCounters(metrics, _series, _passed, () => _wal?.SegmentIndex ?? -1);
        _walMetrics = new WalMetrics(metrics, time);
        _owedMetrics = new OwedMetrics(metrics);
    }

    public StorageQuery Query { get; } = new(new HeadBlock(), static (_, _) => []);

    public ReplayProgress Progress { get; } = new();

    public string WalDirectory => _options.WalPath;

    public WalPublication WalPublished => Opened(_wal).Published;

    public AppendedSamples Appended => _counters.Storage.ToLog;

    public long Corruptions => _counters.Storage.WalCorruptions;

    internal AgentSeries Series => _series;

    internal AgentWriter Writer => Opened(_writer);

    /// <summary>Makes the directory if needed and locks it. The fault names path, reason and what to do.</summary>
    public static bool TryOpen(
        AgentOptions options,
        MetricsRegistry metrics,
        ILoggerFactory loggers,
        TimeProvider time,
        [NotNullWhen(true)] out AgentStorage? storage,
        [NotNullWhen(false)] out string? fault)
    {
        storage = DirectoryLock.TryTake(options.Path, out var taken, out fault)
            ? new AgentStorage(options, taken, metrics, loggers, time)
            : null;
        return storage is not null;
    }

    public string? Replay(CancellationToken cancellation = default) => ReplayWith(DiskFiles.Instance, cancellation);

    internal string? ReplayWith(IDataFiles files, CancellationToken cancellation = default)
    {
        var start = _time.GetTimestamp();
        try
        {
            var owed = new OwedSegments(_options.WalPath, _options.Owed, _options.OwedLimits, static () => 0, files, _owedMetrics, _time, _logger);
            Checkpoint.CleanUp(_options.WalPath, files, owed.KeepFrom);
            var report = new AgentReplay(_series, Progress, _passed).Run(_options.WalPath, _options.Wal.Repair == WalRepairMode.Cut, files, cancellation);
            _counters.Storage.WalCorruptions += report.Damages.Count;
            LogMending.Mend(report.Damages, _options.Wal.Repair, files, _logger);
            var log = owed.WithRoom(() => LogOpening.Open(_options.WalPath, _options.Wal, files, _walMetrics, _time, _series.Refs, _logger));
            _wal = log.Wal;
            var expiries = new WalExpiries();
            report.LogOnly.AddTo(expiries, _wal.SegmentIndex - 1);
            _writer = new AgentWriter(_options, _series, log, expiries, owed, _counters, _time, _logger);
            var seconds = _time.GetElapsedTime(start).TotalSeconds;
            _counters.Replayed(seconds);
            LogReplayed(_options.WalPath, report.Samples, _series.Count, seconds, report.UnknownRefs, report.BrokenRecords, _passed);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"storage path {_options.Path} cannot be opened ({failure.Message}): check the disk, make room or change its rights, or give another one with --storage.agent.path";
        }
    }

    public Props StorageProps(SampleBatchPool pool, Action<Exception> fatal)
    {
        var writer = Opened(_writer);
        return Props.Create(() => new AgentActor(writer, pool, _options.TruncateInterval, fatal));
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _lock.Dispose();
    }

    private static T Opened<T>(T? part)
        where T : class
    {
        return part ?? throw new InvalidOperationException("The storage was not opened: call Replay first.");
    }

    [LoggerMessage(3130, LogLevel.Information, "Log {Directory} replayed: {Samples} samples of {Series} series in {Seconds:F3} s ({Unknown} samples without a series record, {Broken} records with a broken end; passed over and kept in place: {Passed})")]
    private partial void LogReplayed(string directory, long samples, int series, double seconds, long unknown, long broken, PassedEntries passed);
}
