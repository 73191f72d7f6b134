using ScrapeCluster.Model;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Storage.Compaction;

public sealed class HeadInputTests : IDisposable
{
    private static readonly long RangeMs = ChunkCut.RangeMs;

    private readonly string _directory = Directory.CreateTempSubdirectory("head-input-").FullName;
    private readonly HeadBlock _head = new();

    public HeadInputTests()
    {
        _head.Files = ChunkFiles.Open(_directory, (in ChunkFileEntry _, ChunkRef _) => { }, out _);
    }

    public void Dispose()
    {
        _head.Files?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Label sets of every shape, chunks in memory, in files and open ones, ranges whose ends cut chunks.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Open_RandomHead_GivesWhatAQueryGives(int seed)
    {
        var random = new Random(seed);
        var sets = Enumerable.Range(0, 150).Select(_ => RandomLabels(random)).Distinct().ToList();
        var time = 0L;
        while (time < 3 * RangeMs)
        {
            time += random.Next(5_000, 90_000);
            foreach (var labels in sets.Where(labels => random.Next(3) > 0 && (labels.Count % 3 != 0 || time < RangeMs)))
            {
                _head.Append(_head.FindOrCreate(labels, out _), time, random.Next(3) == 0 ? random.NextDouble() : random.Next(50));
            }

            if (random.Next(20) == 0)
            {
                Flush();
            }
        }

        Check(new TimeRange(0, RangeMs));
        Check(new TimeRange(RangeMs, 2 * RangeMs));
        Check(new TimeRange(0, 4 * RangeMs));
        Check(new TimeRange(5 * RangeMs, 6 * RangeMs));
        for (var i = 0; i < 20; i++)
        {
            var min = random.NextInt64(3 * RangeMs);
            Check(new TimeRange(min, min + random.NextInt64(1, RangeMs)));
        }
    }

    [Fact]
    public void Open_AlignedRange_CopiesChunksOfTheHeadAsTheyAre()
    {
        var row = _head.FindOrCreate(StorageFixture.Series("a"), out _);
        for (var time = 0L; time < 2 * RangeMs; time += 15_000)
        {
            _head.Append(row, time, time % 7);
        }

        var inMemory = Assert.Single(ReadInput.All(new HeadInput(_head, new TimeRange(0, RangeMs)))).Chunks;
        Assert.Equal([120, 120, 120, 120], inMemory.Select(chunk => ReadInput.Samples(chunk).Count));
        Flush();
        var inFiles = Assert.Single(ReadInput.All(new HeadInput(_head, new TimeRange(0, RangeMs)))).Chunks;
        Assert.Equal(inMemory.Select(chunk => Convert.ToHexString(chunk.Data.Span)), inFiles.Select(chunk => Convert.ToHexString(chunk.Data.Span)));
    }

    [Fact]
    public void Open_SeriesCollectedAfterwards_IsPassedOverEvenWhenItsRowIsUsedAgain()
    {
        _head.Append(_head.FindOrCreate(StorageFixture.Series("gone"), out _), 1000, 1);
        _head.Append(_head.FindOrCreate(StorageFixture.Series("kept"), out _), RangeMs - 1, 1);
        var input = new HeadInput(_head, new TimeRange(0, RangeMs));
        Assert.Equal(2, input.SeriesCount);

        Truncate(5000);
        _head.Append(_head.FindOrCreate(StorageFixture.Series("new"), out _), RangeMs - 1, 1);
        Assert.Equal("kept", Assert.Single(ReadInput.All(input)).Labels.Get("__name__"));
    }

    [Fact]
    public void Open_MemoryGivenUpMeanwhile_IsUsedAgainBetweenSeries()
    {
        for (var i = 0; i < 3000; i++)
        {
            _head.Append(_head.FindOrCreate(StorageFixture.Series($"s{i:0000}"), out _), i < 100 ? 1000 : 9000, 1);
        }

        using var source = new HeadInput(_head, new TimeRange(0, RangeMs)).Open();
        Assert.True(source.MoveNext());
        Truncate(5000);
        var used = _head.Blocks.Used;
        Assert.True(used > 2900);
        for (var i = 0; i < 2100; i++)
        {
            Assert.True(source.MoveNext());
        }

        _head.Reclaim();
        Assert.Equal(2900, _head.Blocks.Used);
    }

    /// <summary>
    /// The writer goes on with all series, begins and ends some, writes chunks to files and cuts what was read, range after range; every range
    /// has all of its samples when it is frozen, and its input gives them.
    /// </summary>
    [Fact]
    public async Task Open_BesideTheWriter_GivesEveryRangeWhole()
    {
        const int Ranges = 6;
        const int Series = 60;
        const long StepMs = 20_000;
        var frozen = -1;
        var taken = -1;
        var truncated = 0;
        var writer = Task.Run(async () =>
        {
            Task<ChunkFlush>? flush = null;
            for (var time = 0L; time < (Ranges + 2) * RangeMs; time += StepMs)
            {
                var first = (int)(time / RangeMs) * (Series / 10);
                for (var number = first; number < first + Series; number++)
                {
                    _head.Append(_head.FindOrCreate(StorageFixture.Series($"s{number}"), out _), time, Value(number, time));
                }

                if (flush is null)
                {
                    flush = _head.BeginFlush()?.RunAsync();
                }
                else if (flush.IsCompleted)
                {
                    _head.EndFlush(await flush);
                    flush = null;
                }

                var range = (int)((time / RangeMs) - 1);
                if (range > Volatile.Read(ref frozen) && time % RangeMs > RangeMs / 2)
                {
                    // The next range is offered only when the one before was read, while appending goes on half a range more.
                    while (Volatile.Read(ref taken) < range - 1)
                    {
                        await Task.Yield();
                    }

                    _head.FreezeBefore((range + 1) * RangeMs);
                    Volatile.Write(ref frozen, range);
                }

                if (Volatile.Read(ref taken) >= truncated)
                {
                    Truncate(++truncated * RangeMs);
                }
            }

            if (flush is not null)
            {
                _head.EndFlush(await flush);
            }
        }, TestContext.Current.CancellationToken);

        for (var range = 0; range < Ranges; range++)
        {
            while (Volatile.Read(ref frozen) < range)
            {
                Assert.False(writer.IsFaulted, writer.Exception?.ToString());
                await Task.Yield();
            }

            var bounds = new TimeRange(range * RangeMs, (range + 1) * RangeMs);
            var input = new HeadInput(_head, bounds);
            CheckWhole(ReadInput.All(input), range);
            CheckWhole(ReadInput.All(input), range);
            Volatile.Write(ref taken, range);
        }

        await writer;
        Assert.True(truncated >= Ranges - 1);
        Assert.True(_head.SeriesRemoved > 0);

        static void CheckWhole(IReadOnlyList<ReadInput.Series> found, int range)
        {
            var first = range * (Series / 10);
            var expected = Enumerable.Range(first, Series).Select(number => StorageFixture.Series($"s{number}")).Order(LabelsOrder.Instance);
            Assert.Equal(expected, found.Select(series => series.Labels));
            foreach (var series in found)
            {
                var number = int.Parse(series.Labels.Get("__name__")![1..], System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal(
                    Enumerable.Range(0, (int)(RangeMs / StepMs))
                        .Select(i => (range * RangeMs) + (i * StepMs))
                        .Select(time => (time, BitConverter.DoubleToUInt64Bits(Value(number, time)))),
                    series.Samples);
            }
        }
    }

    private static double Value(int number, long time) => (number * 1_000_003) + (time * 0.37);

    private void Check(TimeRange range)
    {
        var expected = new HeadQuery(_head).Select([], range.MinMs, range.EndMs - 1);
        var input = new HeadInput(_head, range);
        for (var pass = 0; pass < 2; pass++)
        {
            var actual = ReadInput.All(input).Where(series => series.Chunks.Count > 0).ToList();
            Assert.Equal(expected.Select(series => series.Labels), actual.Select(series => series.Labels));
            foreach (var (query, series) in expected.Zip(actual))
            {
                Assert.Equal(query.TimestampsMs.Zip(query.Values.Select(BitConverter.DoubleToUInt64Bits)), series.Samples);
                Assert.All(series.Chunks, chunk => Assert.True(chunk.MinMs >= range.MinMs && chunk.MaxMs < range.EndMs));
            }
        }
    }

    private void Flush()
    {
        while (_head.BeginFlush() is { } flush)
        {
            flush.Run();
            Assert.Null(flush.Failure);
            _head.EndFlush(flush);
        }
    }

    private void Truncate(long minMs)
    {
        var truncation = new HeadTruncation(_head, minMs);
        while (truncation.Step())
        {
        }
    }

    private static Labels RandomLabels(Random random)
    {
        var pairs = Enumerable.Range(0, random.Next(1, 7)).Select(_ => (Name: Word(random), Value: Word(random))).DistinctBy(pair => pair.Name);
        return Labels.Of([.. pairs]);

        static string Word(Random random) => new([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => "aBc_é"[random.Next(5)])]);
    }
}
