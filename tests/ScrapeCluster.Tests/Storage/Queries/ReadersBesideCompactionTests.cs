using ScrapeCluster.Model;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Queries;

/// <summary>
/// Days of scrapes go by while the head becomes blocks, blocks are merged and the head is cut; readers ask all the time, some for a moment and some slowly. No
/// series ever ends and nothing is too old, so every answer must be whole: from the first sample asked for to the last one acknowledged before the question.
/// </summary>
public sealed class ReadersBesideCompactionTests : IDisposable
{
    private const int Series = 12;
    private const int Rounds = 3 * 24 * 60 / 2;
    private const long StepMs = 2 * 60_000;
    private const int Readers = 3;

    private readonly StorageFixture _storage = new(options => options with { RetentionTime = TimeSpan.Zero });
    private long _publishedRound;

    public void Dispose() => _storage.Dispose();

    [Fact]
    public async Task Open_BesideCompactionAndCuts_NeverHasAHole()
    {
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, Readers).Select(seed => OwnThread.Run(() => ReadUntil(done.Token, new Random(seed)))).ToList();
        var compactions = await OwnThread.Run(Write);
        await done.CancelAsync();
        var reads = await Task.WhenAll(readers);

        Assert.All(reads, count => Assert.True(count > 0));
        Assert.True(compactions > 20, $"{compactions} pieces of compaction");
        Assert.Contains(_storage.Storage.Blocks.Blocks, block => block.Meta.Compaction.Level > 1);
        Assert.True(_storage.Storage.Query.Stats.MinTimeMs > Rounds / 2 * StepMs, "the head was cut");
    }

    private int Write()
    {
        var writer = _storage.Storage.Writer;
        Task<CompactionOutcome>? compaction = null;
        var compactions = 0;
        for (long round = 1; round <= Rounds; round++)
        {
            var at = round;
            _storage.Append(batch =>
            {
                batch.TimestampMs = at * StepMs;
                for (var number = 0; number < Series; number++)
                {
                    batch.AddNew(StorageFixture.Series($"s{number}"), Value(number, at));
                }
            });
            Volatile.Write(ref _publishedRound, round);
            if (round % 20 != 0)
            {
                continue;
            }

            writer.ExpectBlocks();
            if (compaction is { IsCompleted: true })
            {
                Assert.Null(compaction.Result.Failure);
                writer.EndCompaction(compaction.Result);
                compaction = null;
                compactions++;
            }

            Cut(writer);
            compaction ??= writer.BeginCompaction(CancellationToken.None);
            if (round % 60 == 0)
            {
                // The writer is far faster than a day of scrapes: what was begun gets its time.
                compaction?.Wait(TestContext.Current.CancellationToken);
            }
        }

        return compactions + MakeUp(writer, compaction);
    }

    /// <summary>On a busy machine slow readers hold back the cuts, and these the next piece: the rest is done while they read on. Answers for how many pieces.</summary>
    private int MakeUp(StorageWriter writer, Task<CompactionOutcome>? compaction)
    {
        var head = _storage.Storage.Head;
        var pieces = 0;
        while (compaction is not null || HeadRangeRule.Due(head.MinTimeMs, head.MaxTimeMs) is not null)
        {
            if (compaction is not null)
            {
                Assert.Null(compaction.Result.Failure);
                writer.EndCompaction(compaction.Result);
                pieces++;
            }

            Cut(writer);
            compaction = writer.BeginCompaction(CancellationToken.None);
            Thread.Yield();
        }

        return pieces;
    }

    private static void Cut(StorageWriter writer)
    {
        if (writer.BeginTruncation())
        {
            while (writer.ContinueTruncation())
            {
            }
        }
    }

    private int ReadUntil(CancellationToken done, Random random)
    {
        var questions = 0;
        while (!done.IsCancellationRequested || questions == 0)
        {
            var round = Volatile.Read(ref _publishedRound);
            if (round == 0)
            {
                Thread.Yield();
                continue;
            }

            Check(random.NextInt64(1, round + 1), round, random.Next(4) == 0, done);
            questions++;
        }

        return questions;
    }

    private void Check(long firstRound, long lastRound, bool isSlow, CancellationToken done)
    {
        using var series = _storage.Storage.Query.Open(new Selection(StorageFixture.Matchers("{job=\"test\"}"), firstRound * StepMs));
        var count = 0;
        while (series.MoveNext())
        {
            List<long> timestamps = [];
            List<double> values = [];
            series.ReadSamples(timestamps, values);
            var number = int.Parse(series.Labels.Get(Labels.MetricName)!.AsSpan(1), null);
            for (var i = 0; i < timestamps.Count; i++)
            {
                Assert.Equal((firstRound + i) * StepMs, timestamps[i]);
                Assert.Equal(Value(number, firstRound + i), values[i]);
            }

            Assert.True(firstRound + timestamps.Count > lastRound, $"{timestamps.Count} samples from round {firstRound} on, though {lastRound} was acknowledged");
            count++;
            if (isSlow)
            {
                // Long enough for blocks to be written and the head to be cut, were it not for this reader.
                SpinWait.SpinUntil(() => done.IsCancellationRequested || Volatile.Read(ref _publishedRound) >= Math.Min(Rounds, lastRound + (30 * count)));
            }
        }

        Assert.Equal(Series, count);
    }

    private static double Value(int number, long round) => (number * 1_000_003) + (round * 0.37);
}
