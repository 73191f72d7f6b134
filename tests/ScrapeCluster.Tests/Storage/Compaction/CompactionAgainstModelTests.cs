using ScrapeCluster.Model;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>
/// Days of random scrapes with gaps, series that come and go, restarts, and crashes between any two pieces of maintenance, against a dictionary:
/// blocks and head together have every sample.
/// </summary>
public sealed class CompactionAgainstModelTests
{
    private const long MinuteMs = 60_000;

    private readonly SortedDictionary<Labels, SortedDictionary<long, ulong>> _model = new(LabelsOrder.Instance);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Maintain_RandomScrapesRestartsAndCrashes_LosesNothing(int seed)
    {
        var random = new Random(seed);
        using var storage = new StorageFixture(options => options with { RetentionTime = TimeSpan.Zero, Wal = new WalOptions(SegmentSize: 2 * 32 * 1024) });
        var time = 1_700_000_000_000 + (random.Next(120) * MinuteMs);
        var crashes = 0;
        for (var scrape = 0; scrape < 1500; scrape++)
        {
            time += random.Next(300) == 0 ? random.Next(600) * MinuteMs : 2 * MinuteMs;
            Scrape(storage, random, time, scrape / 100);
            if (random.Next(30) == 0)
            {
                Maintain(storage, () =>
                {
                    if (random.Next(15) == 0)
                    {
                        CrashAndOpen(storage);
                        crashes++;
                    }
                });
            }

            if (random.Next(250) == 0)
            {
                storage.Reopen();
                Check(storage);
            }
        }

        Maintain(storage);
        Check(storage);
        CheckBlocks(storage, time);
        storage.Reopen();
        Check(storage);
        CheckBlocks(storage, time);
        Assert.True(crashes > 0);
        Assert.Equal(0, storage.Storage.Corruptions);
    }

    [Fact]
    public async Task Reopen_AfterBlocksWereWritten_TakesNothingOfThemIntoTheHeadAgain()
    {
        using var storage = new StorageFixture(options => options with { RetentionTime = TimeSpan.Zero });
        for (var minute = 1L; minute <= 6 * 60; minute++)
        {
            storage.Append("a", minute * MinuteMs, minute);
            storage.Append(minute <= 60 ? "ended" : "b", minute * MinuteMs, minute);
        }

        var writer = storage.Storage.Writer;
        var compaction = await writer.BeginCompaction(TestContext.Current.CancellationToken)!;
        Assert.Equal(ChunkCut.RangeMs, compaction.WrittenBeforeMs);

        // The process dies before the head is cut.
        storage.Reopen();
        Assert.Equal((MinuteMs, ChunkCut.RangeMs), storage.Storage.Blocks.Blocks.Select(block => (block.MinMs, block.EndMs)).Single());
        Assert.Equal(ChunkCut.RangeMs, storage.Storage.Query.Stats.MinTimeMs);
        Assert.Equal(["a", "b"], new HeadQuery(storage.Storage.Head).Select([]).Select(series => series.Labels.Get(Labels.MetricName)));
        Assert.Equal(RefusalReason.OutOfBounds, Assert.Single(storage.Append("a", ChunkCut.RangeMs - 1, 1).Refused).Reason);
    }

    [Fact]
    public async Task Append_WhileItsRangeIsWritten_IsOutOfBounds()
    {
        using var storage = new StorageFixture();
        storage.Append("a", 1, 1);
        storage.Append("a", ChunkCut.RangeMs * 2, 1);
        var compaction = storage.Storage.Writer.BeginCompaction(TestContext.Current.CancellationToken)!;
        Assert.Equal(RefusalReason.OutOfBounds, Assert.Single(storage.Append("b", ChunkCut.RangeMs - 1, 1).Refused).Reason);
        Assert.Empty(storage.Append("b", ChunkCut.RangeMs * 2, 1).Refused);
        await compaction;
    }

    /// <summary>A clock that was set forward by years makes no block for each two hours of them.</summary>
    [Fact]
    public void Maintain_GapOfYears_IsPassedInOneStep()
    {
        using var storage = new StorageFixture(options => options with { RetentionTime = TimeSpan.Zero });
        storage.Append("a", MinuteMs, 1);
        var later = (long)TimeSpan.FromDays(4000).TotalMilliseconds;
        storage.Append("a", later, 2);
        var pieces = 0;
        Maintain(storage, () => pieces++);
        Assert.True(pieces < 10, $"{pieces} pieces of work");
        Assert.Single(storage.Storage.Blocks.Blocks);
        Assert.Equal(2, StoredSamples.Of(storage.Storage).Values.Single().Count);
    }

    private void Scrape(StorageFixture storage, Random random, long time, int generation)
    {
        var result = storage.Append(batch =>
        {
            batch.TimestampMs = time;
            for (var number = 0; number < 12; number++)
            {
                if (random.Next(5) > 0)
                {
                    var labels = StorageFixture.Series($"s{(number < 6 ? number : number + (generation * 3))}");
                    var value = random.Next(10) == 0 ? SpecialValues.StaleNaN : random.Next(3) == 0 ? random.NextDouble() : random.Next(100);
                    batch.AddNew(labels, value);
                    if (!_model.TryGetValue(labels, out var samples))
                    {
                        _model[labels] = samples = [];
                    }

                    samples[time] = BitConverter.DoubleToUInt64Bits(value);
                }
            }
        });
        Assert.Null(result.Error);
        Assert.Empty(result.Refused);
    }

    private static void Maintain(StorageFixture storage, Action? afterPiece = null) => Assert.Empty(WriterTick.Run(storage.Storage.Writer, afterPiece));

    /// <summary>Opens what is on the disk just now, as after a kill.</summary>
    private void CrashAndOpen(StorageFixture storage)
    {
        var copy = Directory.CreateTempSubdirectory("compaction-crash-").FullName;
        foreach (var file in Directory.EnumerateFiles(storage.Directory, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(storage.Directory, file);
            if (name.StartsWith("lock", StringComparison.Ordinal))
            {
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, name))!);
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var target = File.Create(Path.Combine(copy, name));
            source.CopyTo(target);
        }

        using var reopened = new StorageFixture(_ => storage.Options with { Path = copy }, directory: copy);
        Check(reopened);
        Maintain(reopened);
        Check(reopened);
    }

    private void Check(StorageFixture storage)
    {
        var stored = StoredSamples.Of(storage.Storage);
        Assert.Equal(_model.Keys, stored.Keys);
        foreach (var (labels, samples) in _model)
        {
            Assert.Equal(samples, stored[labels]);
        }
    }

    private static void CheckBlocks(StorageFixture storage, long now)
    {
        var blocks = storage.Storage.Blocks.Blocks;
        Assert.All(blocks.Zip(blocks.Skip(1)), pair => Assert.True(pair.First.EndMs <= pair.Second.MinMs, "blocks overlap"));
        Assert.All(blocks, block => Assert.Equal(0, block.EndMs % ChunkCut.RangeMs));
        Assert.Contains(blocks, block => block.Meta.Compaction.Level > 1);
        Assert.InRange(blocks.Count, 1, 20);
        Assert.InRange(storage.Storage.Query.Stats.MinTimeMs, now - (2 * ChunkCut.RangeMs), now);
    }
}
