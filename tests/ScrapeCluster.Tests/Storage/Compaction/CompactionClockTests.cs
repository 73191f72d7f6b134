using ScrapeCluster.Model;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>A clock that jumps ahead and back while the head becomes blocks: what was accepted stays, once, and nothing is stored in two places.</summary>
public sealed class CompactionClockTests
{
    private const long MinuteMs = 60_000;
    private const int Series = 4;

    private readonly SortedDictionary<Labels, SortedDictionary<long, ulong>> _accepted = new(LabelsOrder.Instance);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Scrapes_OfAClockThatJumps_AreStoredOnceOrRefused(int seed)
    {
        var random = new Random(seed);
        using var storage = new StorageFixture(options => options with { RetentionTime = TimeSpan.Zero });
        var clockMs = 1_700_000_000_000;
        var newestMs = 0L;
        var refused = 0;
        Task<CompactionOutcome>? compaction = null;
        for (var scrape = 0; scrape < 1200; scrape++)
        {
            clockMs += random.Next(60) switch
            {
                0 => random.NextInt64(1, 6 * 60) * MinuteMs,
                1 => -random.NextInt64(1, 6 * 60) * MinuteMs,
                2 => ChunkCut.RangeMs - (clockMs % ChunkCut.RangeMs) - random.Next(2),
                3 => newestMs + 1 - clockMs,
                _ => random.Next(1, 4) * MinuteMs,
            };
            refused += Scrape(storage, random, clockMs);
            newestMs = Math.Max(newestMs, clockMs);
            if (random.Next(8) == 0)
            {
                // Scrapes come in between the beginning of a compaction and its end.
                compaction = Maintain(storage, compaction);
            }

            if (random.Next(400) == 0)
            {
                await (compaction ?? Task.CompletedTask);
                compaction = null;
                storage.Reopen();
            }
        }

        compaction = Maintain(storage, compaction);
        Assert.Null(compaction is null ? null : (await compaction).Failure);
        AssertStored(storage);
        storage.Reopen();
        AssertStored(storage);
        Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        AssertStored(storage);
        Assert.True(refused > 50, $"{refused} samples refused");
        var blocks = storage.Storage.Blocks.Blocks;
        Assert.Contains(blocks, block => block.Meta.Compaction.Level > 1);
        Assert.All(blocks.Zip(blocks.Skip(1)), pair => Assert.True(pair.First.EndMs <= pair.Second.MinMs, "blocks overlap"));
    }

    /// <summary>Set forward by more than samples are kept: what is in the head is not too old before it is in a block.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Clock_SetForwardBeyondTheRetention_LosesNothingOfTheHead(bool isRestarted)
    {
        var random = new Random(1);
        using var storage = new StorageFixture();
        var startMs = 1_700_000_000_000;
        for (var minute = 0; minute < 150; minute++)
        {
            Scrape(storage, random, startMs + (minute * MinuteMs));
        }

        Scrape(storage, random, startMs + (long)TimeSpan.FromDays(20).TotalMilliseconds);
        if (isRestarted)
        {
            storage.Reopen();
            AssertStored(storage);
        }

        Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        AssertStored(storage);

        // The clock is right again: too old, as with Prometheus, and told so.
        Assert.Equal(Series, Scrape(storage, random, startMs + (150 * MinuteMs)));
        Assert.Empty(WriterTick.Run(storage.Storage.Writer));
        AssertStored(storage);
    }

    [Fact]
    public async Task Clock_SetBackWhileTheHeadIsWritten_ChangesNothingOfTheBlock()
    {
        var random = new Random(1);
        using var storage = new StorageFixture();
        for (var minute = 0; minute <= 240; minute++)
        {
            Scrape(storage, random, minute * MinuteMs);
        }

        var writer = storage.Storage.Writer;
        var compaction = writer.BeginCompaction(TestContext.Current.CancellationToken)!;
        Assert.Equal(Series, Scrape(storage, random, 60 * MinuteMs));
        Assert.Equal(Series, Scrape(storage, random, ChunkCut.RangeMs - 1));
        Assert.Equal(0, Scrape(storage, random, 241 * MinuteMs));
        var outcome = await compaction;
        Assert.Equal(Series, Scrape(storage, random, 60 * MinuteMs));
        Assert.True(writer.EndCompaction(outcome));
        Assert.Empty(WriterTick.Run(writer));
        Assert.Equal(0, Scrape(storage, random, 242 * MinuteMs));
        AssertStored(storage);
        storage.Reopen();
        AssertStored(storage);
    }

    /// <summary>Answers how many samples were refused; the others have to be there from now on.</summary>
    private int Scrape(StorageFixture storage, Random random, long timestampMs)
    {
        var values = Enumerable.Range(0, Series).Select(_ => (double)random.Next(1000)).ToArray();
        var result = storage.Append(batch =>
        {
            batch.TimestampMs = timestampMs;
            for (var number = 0; number < Series; number++)
            {
                batch.AddNew(StorageFixture.Series($"m{number}"), values[number]);
            }
        });
        Assert.Null(result.Error);
        foreach (var number in Enumerable.Range(0, Series).Except(result.Refused.Select(refused => refused.Index)))
        {
            var labels = StorageFixture.Series($"m{number}");
            if (!_accepted.TryGetValue(labels, out var samples))
            {
                _accepted[labels] = samples = [];
            }

            samples[timestampMs] = BitConverter.DoubleToUInt64Bits(values[number]);
        }

        return result.Refused.Length;
    }

    /// <summary>A tick, of which the last piece of compaction is left running.</summary>
    private static Task<CompactionOutcome>? Maintain(StorageFixture storage, Task<CompactionOutcome>? compaction)
    {
        var writer = storage.Storage.Writer;
        if (compaction is not null)
        {
            Assert.Null(compaction.Result.Failure);
            Assert.True(writer.EndCompaction(compaction.Result));
        }

        writer.ExpectBlocks();
        if (writer.BeginTruncation())
        {
            while (writer.ContinueTruncation())
            {
            }
        }

        if (writer.BeginCheckpoint(TestContext.Current.CancellationToken) is { } checkpoint)
        {
            writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
        }

        return writer.BeginCompaction(TestContext.Current.CancellationToken);
    }

    private void AssertStored(StorageFixture storage)
    {
        var stored = StoredSamples.Of(storage.Storage);
        Assert.Equal(_accepted.Keys, stored.Keys);
        foreach (var (labels, samples) in _accepted)
        {
            Assert.Equal(samples, stored[labels]);
        }
    }
}
