using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing.Storage;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>A log of which remote write owes segments that are older than the newest checkpoint: the programs of the field pass them over.</summary>
public sealed class OwedSegmentsTests
{
    private const long StepMs = 15_000;
    private const int Steps = 600;
    private const int Kept = 60;
    private const int Series = 40;

    private readonly OwedLog _owed = OwedLog.AwaitingQueues();

    /// <summary>Samples of now: Prometheus puts away what is long ago.</summary>
    private readonly long _startMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (Steps * StepMs);

    [Fact]
    public async Task PromtoolAndStock_OpenTheDirectory_AndReadTheHeadAlone_AndNothingOwedIsLost()
    {
        Tools.Require("promtool", "prometheus");
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        var start = Write(data);
        var wal = Path.Combine(data, "wal");
        var old = WalFormat.Segments(wal).Count(segment => segment <= WalFormat.LastCheckpoint(wal));
        Assert.True(old > 5, $"{old} segments stayed beside a newer checkpoint");

        // 1. Most of what was cut from the head is in the owed segments alone.
        var lines = await Tools.DumpAsync(data);
        Assert.InRange(lines.Count, Kept * Series, Steps * Series / 3);

        // 2. Stock Prometheus itself goes on with it, and is killed.
        await using (var stock = StockPrometheus.Start(folder.File("empty.yml", ""), data))
        {
            await stock.ReadyAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(0, await stock.CorruptionsAsync());
            Assert.DoesNotContain("level=error", stock.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("level=warn", stock.Output, StringComparison.Ordinal);
            var answer = await stock.DataAsync("/api/v1/query?query=" + Uri.EscapeDataString("sum(count_over_time({job=\"owed\"}[10h]))"));
            Assert.Equal(lines.Count, int.Parse(answer.GetProperty("result")[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture));
            await stock.KillAsync();
        }

        // 3. All is still there for remote write.
        using var storage = Open(data);
        var reading = OwedReading.From(wal, storage.WalPublished, start);
        Assert.Equal((Steps * Series, 0, 0, 0L), (reading.Samples.Count, reading.Unknown, reading.LostSegments, reading.DamagedPlaces));
        Assert.Equal(0, storage.Corruptions);
    }

    /// <summary>Answers for where the log began.</summary>
    private WalPosition Write(string data)
    {
        using var storage = Open(data);
        var start = storage.WalPublished.Position;
        var batch = new SampleBatchPool().Rent();
        for (var step = 0; step < Steps; step++)
        {
            batch.Truncate(0);
            batch.TimestampMs = _startMs + (step * StepMs);
            for (var i = 0; i < Series; i++)
            {
                // Half of the series end every ten steps.
                batch.AddNew(Labels.Of((Labels.MetricName, "metric"), ("job", "owed"), ("i", $"{i}"), ("life", $"{(i % 2 == 0 ? 0 : step / 10)}")), (step * 1.37) + i);
            }

            batch.ReportedCount = batch.Count;
            Assert.Null(storage.Writer.Append(batch).Error);
            if (step % 50 == 49)
            {
                Cut(storage, batch.TimestampMs - (Kept * StepMs));
            }
        }

        return start;
    }

    private static void Cut(LocalStorage storage, long beforeMs)
    {
        storage.Writer.TruncateBefore(beforeMs);
        while (storage.Writer.ContinueTruncation())
        {
        }

        if (storage.Writer.BeginCheckpoint(TestContext.Current.CancellationToken) is { } checkpoint)
        {
            storage.Writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
        }
    }

    private LocalStorage Open(string data)
    {
        var options = new StorageOptions(data) { Owed = _owed, Wal = new WalOptions(SegmentSize: WalFormat.PageSize, Compress: false) };
        Assert.True(LocalStorage.TryOpen(options, new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out var storage, out var fault), fault);
        Assert.Null(storage.Replay(TestContext.Current.CancellationToken));
        return storage;
    }
}
