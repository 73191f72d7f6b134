using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>A directory that lived for days here, with levels of blocks, chunk files and log, read by the programs of the field.</summary>
public sealed class CompactionOracleTests
{
    private const long StartMs = 1_795_000_000_000;
    private const long MinuteMs = 60_000;
    private const int Minutes = 40 * 60;
    private const int Series = 25;

    [Fact]
    public async Task PromtoolAndStockPrometheus_ReadEverySampleOnce()
    {
        Tools.Require("promtool", "prometheus");
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        var (expected, blocks) = Write(data);

        var list = await Tools.RunAsync("promtool", "tsdb", "list", data);
        Assert.Equal((0, ""), (list.ExitCode, list.Errors));
        Assert.Equal(blocks, list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1);
        var dump = await Tools.DumpAsync(data);
        Assert.Empty(expected.Except(dump).Take(5));
        Assert.Empty(dump.Except(expected).Take(5));

        await using var stock = await StockPrometheus.OpenCopyAsync(folder, data);
        Assert.Equal(blocks, await stock.MetricAsync("prometheus_tsdb_blocks_loaded"));
        var query = Uri.EscapeDataString("sum(count_over_time({job=\"days\"}[10d]))");
        var answer = await stock.DataAsync($"/api/v1/query?time={(StartMs / 1000) + (Minutes * 60)}&query={query}");
        var counted = int.Parse(answer.GetProperty("result")[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        Assert.Equal(expected.Count(line => !line.Contains(" NaN ", StringComparison.Ordinal)), counted);
    }

    /// <summary>Answers for the lines of a dump, and how many blocks there are.</summary>
    private static (HashSet<string> Lines, int Blocks) Write(string path)
    {
        var options = new StorageOptions(path);
        Assert.True(LocalStorage.TryOpen(options, new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out var storage, out var fault), fault);
        using (storage)
        {
            Assert.Null(storage.Replay(TestContext.Current.CancellationToken));
            var lines = new HashSet<string>();
            var random = new Random(1);
            for (var minute = 0; minute < Minutes; minute++)
            {
                Append(storage, minute, random, lines);
                if (minute % 30 == 0)
                {
                    Maintain(storage);
                }
            }

            Maintain(storage);
            Assert.Contains(storage.Blocks.Blocks, block => block.Meta.Compaction.Level == 3);
            return (lines, storage.Blocks.Blocks.Count);
        }
    }

    private static void Append(LocalStorage storage, int minute, Random random, HashSet<string> lines)
    {
        var batch = new SampleBatchPool().Rent();
        batch.TimestampMs = StartMs + (minute * MinuteMs);
        for (var i = 0; i < Series; i++)
        {
            // Some series end and others begin every five hours; some scrapes fail.
            var labels = Labels.Of((Labels.MetricName, $"metric_{i % 5}"), ("job", "days"), ("i", $"{i + (i % 3 == 0 ? minute / 300 * 100 : 0)}"));
            var value = random.Next(20) == 0 ? SpecialValues.StaleNaN : random.Next(4) * 1000 * i;
            if (random.Next(10) > 0)
            {
                batch.AddNew(labels, value);
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{labels} {value} {batch.TimestampMs}"));
            }
        }

        batch.ReportedCount = batch.Count;
        var result = storage.Writer.Append(batch);
        Assert.Null(result.Error);
        Assert.Empty(result.Refused);
    }

    /// <summary>As the storage's actor does at a tick.</summary>
    private static void Maintain(LocalStorage storage)
    {
        var writer = storage.Writer;
        var cancellation = TestContext.Current.CancellationToken;
        writer.ExpectBlocks();
        while (true)
        {
            if (writer.BeginFlush() is { } flush)
            {
                writer.EndFlush(flush.GetAwaiter().GetResult());
            }

            for (var isCutting = writer.BeginTruncation(); isCutting; isCutting = writer.ContinueTruncation())
            {
            }

            if (writer.BeginCheckpoint(cancellation) is { } checkpoint)
            {
                writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
            }

            if (writer.BeginCompaction(cancellation) is not { } compaction)
            {
                return;
            }

            Assert.True(writer.EndCompaction(compaction.GetAwaiter().GetResult()));
        }
    }
}
