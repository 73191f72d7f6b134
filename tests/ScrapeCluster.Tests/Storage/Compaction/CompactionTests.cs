using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing;
using ScrapeCluster.Tests.Storage.Faults;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>The actor's timer brings the head into blocks, cuts it and the log behind them, and keeps the blocks within the retention.</summary>
public sealed class CompactionTests : TestKit
{
    private const int MinuteMs = 60_000;

    /// <summary>meta.json and the like do not count.</summary>
    private const int SmallFiles = 20_000;

    /// <summary>Pieces run one after the other, on threads that stand back for all others.</summary>
    private static readonly TimeSpan ManyPieces = TimeSpan.FromMinutes(5);

    private readonly string _directory = BusyTemplate.NewFolder();
    private readonly SampleBatchPool _pool = new();
    private readonly List<Exception> _fatal = [];
    private readonly NoRoomForBlocks _files = new();
    private MetricsRegistry _metrics = new();

    [Fact]
    public async Task Tick_HeadOfADay_BecomesBlocksOneAfterAnother()
    {
        var options = new StorageOptions(_directory) { Wal = new WalOptions(SegmentSize: 64 * 1024, Compress: false) };
        await RunAsync(options, async (storage, actor) =>
        {
            await AppendAsync(actor, 0, 24 * 60);
            TestScheduler.Advance(options.TruncateInterval);

            // 11 ranges of two hours, of which the older ones are merged: 0-18, 18-20, 20-22.
            AwaitCondition(
                () => storage.Blocks.Blocks.Count == 3 && Value("prometheus_tsdb_head_truncations_total") == 11,
                ManyPieces,
                lastSeen: () => $"{storage.Blocks.Blocks.Count} blocks, {Value("prometheus_tsdb_head_truncations_total")} cuts of the head");
            Assert.Equal([18, 20, 22], storage.Blocks.Blocks.Select(block => (int)(block.EndMs / (60 * MinuteMs))));
            AwaitCondition(() => Value("prometheus_tsdb_wal_truncations_total") > 0);
            Assert.Equal(22 * 60 * MinuteMs, storage.Query.Stats.MinTimeMs);
            Assert.Equal(0, Value("prometheus_tsdb_compactions_failed_total"));
            Assert.Equal(3, Value("prometheus_tsdb_blocks_loaded"));
            Assert.Equal((24 * 60) + 1, StoredSamples.Of(storage)[StorageFixture.Series("m0")].Count);
        });
        await RunAsync(options, (storage, _) =>
        {
            Assert.Equal((24 * 60) + 1, StoredSamples.Of(storage)[StorageFixture.Series("m0")].Count);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Tick_BlocksOlderThanTheRetention_Go()
    {
        var options = new StorageOptions(_directory) { RetentionTime = TimeSpan.FromHours(6) };
        await RunAsync(options, async (storage, actor) =>
        {
            for (var hour = 0; hour < 24; hour++)
            {
                await AppendAsync(actor, hour * 60, (hour * 60) + 59);
                TestScheduler.Advance(options.TruncateInterval);
                AwaitCondition(() => storage.Query.Stats.MinTimeMs >= (hour - 3) * 60 * MinuteMs);
            }

            TestScheduler.Advance(options.TruncateInterval);
            AwaitCondition(() => storage.Blocks.Blocks is [{ MinMs: >= 12 * 60 * MinuteMs }, ..] && storage.Blocks.Blocks[^1].EndMs == 22 * 60 * MinuteMs);
            Assert.True(Value("prometheus_tsdb_time_retentions_total") > 0);
        });
    }

    [Fact]
    public async Task Tick_DirectoryAboveItsSize_GivesUpTheOldestBlocks()
    {
        var options = new StorageOptions(_directory) { RetentionSizeBytes = 900_000 };
        await RunAsync(options, async (storage, actor) =>
        {
            for (var hour = 0; hour < 30; hour++)
            {
                await AppendAsync(actor, hour * 60, (hour * 60) + 59, series: 60);
                TestScheduler.Advance(options.TruncateInterval);
                AwaitCondition(() => storage.Query.Stats.MinTimeMs >= (hour - 3) * 60 * MinuteMs);
            }

            AwaitCondition(() => Value("prometheus_tsdb_size_retentions_total") > 0);

            // At a tick, or at the next one: chunks may be on their way to a file, which nobody counts yet.
            AwaitCondition(() =>
            {
                TestScheduler.Advance(options.TruncateInterval);
                return Bytes() <= options.RetentionSizeBytes + SmallFiles;
            });
            Assert.NotEmpty(storage.Blocks.Blocks);
            Assert.Equal((30 * 60) - 1, storage.Query.Stats.MaxTimeMs / MinuteMs);
        });
    }

    /// <summary>Nothing is lost when blocks cannot be written; when they can, all is caught up.</summary>
    [Fact]
    public async Task Tick_BlockCannotBeWritten_KeepsTheHeadAndTriesAgain()
    {
        var options = new StorageOptions(_directory);
        await RunAsync(options, async (storage, actor) =>
        {
            await AppendAsync(actor, 0, 5 * 60);
            _files.IsFull = true;
            TestScheduler.Advance(options.TruncateInterval);
            AwaitCondition(() => Value("prometheus_tsdb_compactions_failed_total") == 1);
            await AppendAsync(actor, (5 * 60) + 1, 6 * 60);
            Assert.Equal((6 * 60) + 1, Assert.Single(storage.Query.Select(StorageFixture.Matchers("m0"))).Values.Length);

            _files.IsFull = false;

            // What failed may still be on its way to the actor, which lets a tick pass then.
            var tried = Value("prometheus_tsdb_compactions_triggered_total");
            AwaitCondition(() =>
            {
                TestScheduler.Advance(options.TruncateInterval);
                return Value("prometheus_tsdb_compactions_triggered_total") > tried;
            });
            AwaitCondition(() => storage.Blocks.Blocks.Count == 2 && storage.Query.Stats.MinTimeMs == 2 * ChunkCut.RangeMs);
            Assert.Equal((6 * 60) + 1, StoredSamples.Of(storage)[StorageFixture.Series("m0")].Count);
        });
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_directory, recursive: true);
    }

    private async Task RunAsync(StorageOptions options, Func<LocalStorage, IActorRef, Task> use)
    {
        _metrics = new MetricsRegistry(Time);
        Assert.True(LocalStorage.TryOpen(options, _metrics, NullLoggerFactory.Instance, Time, out var storage, out var fault), fault);
        using (storage)
        {
            Assert.Null(storage.ReplayWith(_files, TestContext.Current.CancellationToken));
            var actor = Sys.ActorOf(storage.StorageProps(_pool, _fatal.Add));
            await use(storage, actor);
            Assert.True(await actor.GracefulStop(Patience));
        }

        Assert.Empty(_fatal);
    }

    private async Task AppendAsync(IActorRef actor, int fromMinute, int toMinute, int series = 5)
    {
        for (var minute = fromMinute; minute <= toMinute; minute++)
        {
            var batch = _pool.Rent();
            batch.TimestampMs = (long)minute * MinuteMs;
            for (var i = 0; i < series; i++)
            {
                batch.AddNew(StorageFixture.Series($"m{i}"), Math.Sin(minute * (i + 1)));
            }

            batch.ReportedCount = batch.Count;
            var result = await actor.Ask<AppendResult>(batch, Patience, TestContext.Current.CancellationToken);
            Assert.Null(result.Error);
            Assert.Empty(result.Refused);
        }
    }

    private long Bytes()
    {
        try
        {
            return new DirectoryInfo(_directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            return long.MaxValue;
        }
    }

    private double Value(string name)
    {
        var page = new ArrayBufferWriter<byte>();
        _metrics.Write(page);
        var line = Encoding.UTF8.GetString(page.WrittenSpan).Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
