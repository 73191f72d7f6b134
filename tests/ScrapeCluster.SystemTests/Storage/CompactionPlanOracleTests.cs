using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Metrics;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>
/// The same directories of blocks, tidied here and by stock Prometheus, end as the same blocks. Prometheus looks at its blocks a minute after its start,
/// so this runs only when it is asked for (<c>-explicit on</c>).
/// </summary>
public sealed class CompactionPlanOracleTests
{
    private const long HourMs = 3_600_000;
    private const long StartHour = 1_795_000_000_000 / HourMs / 486 * 486;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    [Fact(Explicit = true)]
    public async Task RandomDirectories_EndAsInStockPrometheus()
    {
        Tools.Require("prometheus");
        await Task.WhenAll(Enumerable.Range(1, 4).Select(CompareAsync));
    }

    private static async Task CompareAsync(int seed)
    {
        using var folder = new TestFolder();
        var ours = folder.Sub("ours");
        Write(ours, new Random(seed), overlapShare: seed % 2 == 0 ? 0.05 : 0);
        var theirs = folder.CopyOf(ours, "theirs");
        Directory.CreateDirectory(Path.Combine(theirs, "wal"));

        await using (var stock = StockPrometheus.Start(folder.File("empty.yml", ""), theirs))
        {
            await stock.ReadyAsync();
            await Wait.Until("a compaction", Deadline, async () => await stock.MetricAsync("prometheus_tsdb_compactions_triggered_total") > 0);
            double? before = -1;
            await Wait.Until("the end of compactions", Deadline, async () =>
            {
                await Task.Delay(3000);
                var now = await stock.MetricAsync("prometheus_tsdb_compactions_total");
                var isQuiet = now == before;
                before = now;
                return isQuiet;
            });
            Assert.Equal(0, await stock.MetricAsync("prometheus_tsdb_compactions_failed_total"));
            await stock.StopAsync();
        }

        Tidy(ours);
        Assert.Equal(Describe(theirs), Describe(ours));
    }

    private static void Write(string path, Random random, double overlapShare)
    {
        Directory.CreateDirectory(path);
        for (var hour = 0; hour < 24 * 40; hour += 2)
        {
            if (random.Next(15) == 0)
            {
                hour += 2 * random.Next(1, 30);
            }

            // The head's first sample after a pause is seldom at the border.
            WriteBlock(path, random, ((StartHour + hour) * HourMs) + (random.Next(5) == 0 ? random.Next(7_000_000) : 0), (StartHour + hour + 2) * HourMs);
            if (random.NextDouble() < overlapShare)
            {
                var minMs = (StartHour * HourMs) + random.NextInt64((hour + 1) * HourMs);
                WriteBlock(path, random, minMs, minMs + random.NextInt64(1, 30 * HourMs));
            }
        }
    }

    private static void WriteBlock(string path, Random random, long minMs, long endMs)
    {
        var id = Ulid.New(endMs, random);
        Assert.NotNull(new BlockWriter(DiskFiles.Instance).Write(path, BlockHeader.OfHead(id, minMs, endMs), new OneSeries(minMs, endMs), default));
    }

    private static void Tidy(string path)
    {
        using var blocks = BlockFolder.Open(path);
        var compactor = new Compactor(
            new StorageOptions(path) { RetentionTime = TimeSpan.FromDays(36500) }, new HeadBlock(), blocks, new BlockWriter(DiskFiles.Instance),
            new CompactionMetrics(new MetricsRegistry(), () => null), TimeProvider.System, NullLogger.Instance);
        Assert.Null(compactor.TidyBlocks(default).Failure);
    }

    private static IEnumerable<string> Describe(string path)
    {
        using var blocks = BlockFolder.OpenReadOnly(path);
        Assert.Empty(blocks.Bad);
        return [.. blocks.Blocks.Select(block => block.Meta).Select(
            meta => $"{meta.MinMs}-{meta.EndMs} level {meta.Compaction.Level} of {string.Join(' ', meta.Compaction.Sources)}: {meta.Stats.Samples} samples")];
    }

    private sealed class OneSeries(long minMs, long endMs) : IBlockInput, IBlockSource
    {
        private bool _isRead;

        public Labels Labels { get; } = Labels.Of((Labels.MetricName, "m"));

        public IReadOnlyList<BlockChunk> Chunks
        {
            get
            {
                var writer = new XorChunkWriter();
                writer.Add(minMs, minMs);
                if (endMs - 1 > minMs)
                {
                    writer.Add(endMs - 1, endMs);
                }

                var (firstMs, lastMs, data) = (writer.MinMs, writer.MaxMs, new byte[writer.LengthBytes]);
                writer.Finish(data);
                return [new BlockChunk(firstMs, lastMs, ChunkFileFormat.XorEncoding, data)];
            }
        }

        public IBlockSource Open() => new OneSeries(minMs, endMs);

        public bool MoveNext() => _isRead != (_isRead = true);

        public void Dispose()
        {
        }
    }
}
