using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Following;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.RemoteWrite.Queues;
using ScrapeCluster.RemoteWrite.Queues.Sharding;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>One queue without actors, over a log, to a receiver; it can be killed at any moment and opened again.</summary>
internal sealed class QueueBench : IAsyncDisposable
{
    private static readonly TimeProvider Clock = new ClockWithoutRounds();

    private readonly string _directory = Directory.CreateTempSubdirectory("rwq-").FullName;
    private readonly HashSet<ulong> _known = [];
    private readonly RemoteWriteMetrics _families;
    private PositionJournal? _journal;
    private RemoteWriteQueue? _queue;
    private ReadLimit? _limit;

    public QueueBench()
    {
        Wal = WalWriter.Open(Path.Combine(_directory, "wal"), new WalOptions(SegmentSize: 2 * WalFormat.PageSize));
        _families = new RemoteWriteMetrics(new MetricsRegistry(), new AppendedSamples());
    }

    public WalWriter Wal { get; }

    /// <summary>All samples, in order.</summary>
    public List<ReceivedSample> Appended { get; } = [];

    public RemoteWriteQueue Queue => _queue!;

    public QueueMetrics Metrics { get; private set; } = null!;

    public void Open(RemoteWriteConfig config)
    {
        var spec = new RemoteWriteSpec("q", config, Labels.Empty, Wal.Published);
        var options = new RemoteWriteOptions(Path.Combine(_directory, "wal"), Wal.Published, _directory, TimeSpan.Zero, "test");
        Assert.True(PreparedQueue.TryCreate(spec, options, Clock, out var prepared, out var fault), fault);
        var path = Path.Combine(_directory, "q.positions");
        var read = PositionFile.TryRead(path);
        var start = QueueStart.Of(read, config.Queue.MinShards, 0, Wal.Published.Position);
        Assert.Empty(start.Faults);
        _journal = new PositionJournal("q", config.Url, path, start, read, new OwedLog(), NullLogger.Instance, Clock);
        _limit = new ReadLimit(_journal.Lowest.Record);
        Metrics = new QueueMetrics(_families, "q", config);
        var journal = _journal;
        var gate = SendingGate.Open(Wal.Published, Clock).Add("q", takesLate: false, () => journal.Lowest.Record);
        _queue = new RemoteWriteQueue(
            config, prepared.Series, Path.Combine(_directory, "wal"), Wal.Published, _journal, _limit, gate, new SwappedClient(prepared.Client), Metrics, null,
            new AppendedSamples(), null, NullLoggerFactory.Instance, Clock);
    }

    public void Append(long timestampMs, params ReadOnlySpan<(ulong Ref, double Value)> samples)
    {
        var batch = new WalBatch();
        foreach (var (seriesRef, value) in samples)
        {
            if (_known.Add(seriesRef))
            {
                batch.AddSeries(seriesRef, RemoteWriteBench.Series(seriesRef));
            }

            batch.AddSample(seriesRef, timestampMs, value);
            Appended.Add(new ReceivedSample(RemoteWriteBench.Text(seriesRef), timestampMs, BitConverter.DoubleToUInt64Bits(value)));
        }

        Assert.Null(Wal.Append(batch));
    }

    /// <summary>From now on nothing is written down, whatever is still answered.</summary>
    public async Task KillAsync()
    {
        _journal!.Dispose();
        _queue!.Dispose();
        await _queue.Ended;
    }

    public Task<bool> StopAsync() => _queue!.StopAsync(Wal.Published.Position, TimeSpan.FromSeconds(60), UnsentRest.Owed);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Wal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>The time as it is, but for the rounds of the rule that sets the number of shards: here the test says it, however long it takes.</summary>
    private sealed class ClockWithoutRounds : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var isRound = period == ShardCount.Interval;
            return base.CreateTimer(callback, state, isRound ? Timeout.InfiniteTimeSpan : dueTime, isRound ? Timeout.InfiniteTimeSpan : period);
        }
    }
}
