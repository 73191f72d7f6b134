using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage;

/// <summary>The actor's own timer, on a clock that is moved: what is too old or too much goes, the rest stays and survives a restart.</summary>
public sealed class RetentionTests : TestKit
{
    private const int MinuteMs = 60_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("retention-").FullName;
    private readonly SampleBatchPool _pool = new();
    private readonly List<Exception> _fatal = [];
    private MetricsRegistry _metrics = new();

    [Fact]
    public async Task Tick_HeadReachesTooFarBack_CutsHeadAndLog()
    {
        var options = new StorageOptions(_directory) { RetentionTime = TimeSpan.FromHours(1), TruncateSlack = TimeSpan.FromMinutes(10), Wal = new WalOptions(SegmentSize: 64 * 1024, Compress: false) };
        await RunAsync(options, async (storage, actor) =>
        {
            string[] names = ["kept", .. Enumerable.Range(0, 50).Select(i => $"m{i}")];
            await AppendAsync(actor, 0, [.. names, "gone"]);
            for (var minute = 1; minute <= 300; minute++)
            {
                await AppendAsync(actor, minute, names);
            }

            Assert.Equal(52, storage.Query.Series([]).Count());
            TestScheduler.Advance(options.TruncateInterval);
            AwaitCondition(() => Value("prometheus_tsdb_wal_truncations_total") == 1);
            Assert.Equal(0, Value("prometheus_tsdb_wal_truncations_failed_total"));
            Assert.Equal(1, Value("prometheus_tsdb_head_truncations_total"));
            Assert.NotNull(WalFormat.LastCheckpoint(Path.Combine(_directory, "wal")));
            Check(storage);
        });

        await RunAsync(options, (storage, _) =>
        {
            Check(storage);
            return Task.CompletedTask;
        });

        static void Check(LocalStorage storage)
        {
            Assert.Empty(storage.Query.Select(StorageFixture.Matchers("gone")));
            var kept = Assert.Single(storage.Query.Select(StorageFixture.Matchers("kept"))).TimestampsMs;
            Assert.Equal(300 * MinuteMs, kept[^1]);
            Assert.All(kept, timestampMs => Assert.True(timestampMs >= 100 * MinuteMs, $"{timestampMs} is older than the head may reach, chunk length included"));
            Assert.True(kept[0] <= 240 * MinuteMs, "the whole head range is kept");
        }
    }

    [Fact]
    public async Task Tick_LogAboveItsSize_GivesUpTheOldestSegments()
    {
        var options = new StorageOptions(_directory)
        {
            RetentionSizeBytes = 5 * 64 * 1024,
            Wal = new WalOptions(SegmentSize: 64 * 1024, Compress: false),
        };
        await RunAsync(options, async (storage, actor) =>
        {
            var names = Enumerable.Range(0, 200).Select(i => $"m{i}").ToArray();
            for (var minute = 1; minute <= 150; minute++)
            {
                await AppendAsync(actor, minute, names);
            }

            Assert.True(LogBytes() > options.RetentionSizeBytes);
            TestScheduler.Advance(options.TruncateInterval);
            AwaitCondition(() => Value("prometheus_tsdb_wal_truncations_total") >= 1);
            Assert.True(LogBytes() <= options.RetentionSizeBytes, $"the log has {LogBytes()} bytes, {options.RetentionSizeBytes} may be kept");
            Assert.Equal(200, storage.Query.Series([]).Count());
        });

        await RunAsync(options, (storage, _) =>
        {
            Assert.Equal(150 * MinuteMs, Assert.Single(storage.Query.Select(StorageFixture.Matchers("m7"))).TimestampsMs[^1]);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Append_FsyncEachBatch_IsTimedAndItsPagesCounted()
    {
        var options = new StorageOptions(_directory) { Wal = new WalOptions(Sync: WalSyncPolicy.Batch, Compress: false) };
        await RunAsync(options, async (_, actor) =>
        {
            await AppendAsync(actor, 1, "a");
            await AppendAsync(actor, 2, [.. Enumerable.Range(0, 2000).Select(i => $"a_metric_with_a_name_of_some_length_{i}")]);

            Assert.Equal(2, Value("prometheus_tsdb_wal_fsync_duration_seconds_count"));
            var bytes = LogBytes();
            Assert.Equal(bytes / WalFormat.PageSize, Value("prometheus_tsdb_wal_completed_pages_total"));
            Assert.Equal((bytes / WalFormat.PageSize) + 2, Value("prometheus_tsdb_wal_page_flushes_total"));
            Assert.Equal(0, Value("prometheus_tsdb_wal_segment_current"));
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
            Assert.Null(storage.Replay(TestContext.Current.CancellationToken));
            var actor = Sys.ActorOf(storage.StorageProps(_pool, _fatal.Add));
            await use(storage, actor);
            Assert.True(await actor.GracefulStop(Patience));
        }

        Assert.Empty(_fatal);
    }

    private async Task AppendAsync(IActorRef actor, int minute, params string[] names)
    {
        var batch = _pool.Rent();
        batch.TimestampMs = (long)minute * MinuteMs;
        foreach (var name in names)
        {
            batch.AddNew(StorageFixture.Series(name), minute);
        }

        batch.ReportedCount = batch.Count;
        var result = await actor.Ask<AppendResult>(batch, Patience, TestContext.Current.CancellationToken);
        Assert.Null(result.Error);
    }

    private long LogBytes() => new DirectoryInfo(Path.Combine(_directory, "wal")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private double Value(string name)
    {
        var page = new ArrayBufferWriter<byte>();
        _metrics.Write(page);
        var line = Encoding.UTF8.GetString(page.WrittenSpan).Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
