using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Queries;
using static ScrapeCluster.Tests.Storage.Compaction.MemoryInput;

namespace ScrapeCluster.Tests.Storage.Compaction;

public sealed class BlockMergeTests
{
    private const byte Histogram = 2;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Merge_RandomOverlappingInputs_EqualsModel(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 40; round++)
        {
            var model = new SortedDictionary<Labels, SortedDictionary<long, ulong>>(LabelsOrder.Instance);
            var inputs = Enumerable.Range(0, random.Next(1, 6)).Select(_ => RandomInput(random, model)).ToList();
            var merged = ReadInput.All(new BlockMerge(inputs));

            Assert.Equal(model.Keys, merged.Select(series => series.Labels));
            foreach (var series in merged)
            {
                Assert.Equal(model[series.Labels].Select(sample => (sample.Key, sample.Value)), series.Samples);
            }

            Assert.All(inputs, input => Assert.Equal((1, 1), (input.Opened, input.Disposed)));
        }
    }

    [Fact]
    public void Merge_ChunksThatDoNotOverlap_AreCopiedAsTheyAre()
    {
        var (first, second, third) = (Chunk((1, 1), (5, 2)), Chunk((6, 3)), Chunk((7, double.NaN), (9, 4)));
        var merged = ReadInput.All(new BlockMerge([new MemoryInput().Add("a", first, third), new MemoryInput().Add("a", second).Add("b", second)]));
        Assert.Equal(2, merged.Count);
        AssertChunks([first, second, third], merged[0].Chunks);
        AssertChunks([second], merged[1].Chunks);
    }

    [Fact]
    public void Merge_EqualChunks_AreOne()
    {
        var chunk = Chunk((1, 1), (5, 2));
        var histogram = new BlockChunk(6, 8, Histogram, new byte[] { 1, 2, 3 });
        var input = new MemoryInput().Add("a", chunk, histogram);
        AssertChunks([chunk, histogram], Assert.Single(ReadInput.All(new BlockMerge([input, input, input]))).Chunks);
    }

    [Fact]
    public void Merge_SamplesAtTheSameTime_TheLaterInputWins()
    {
        var merged = ReadInput.All(new BlockMerge([new MemoryInput().Add("a", Chunk((1, 1), (2, 1), (3, 1))), new MemoryInput().Add("a", Chunk((2, 2)))]));
        Assert.Equal([(1, Bits(1)), (2, Bits(2)), (3, Bits(1))], Assert.Single(merged).Samples);
    }

    [Fact]
    public void Merge_LongOverlap_IsCutAnewAt120Samples()
    {
        var even = Chunk([.. Enumerable.Range(0, 200).Select(i => (i * 2L, (double)i))]);
        var odd = Chunk([.. Enumerable.Range(0, 160).Select(i => ((i * 2L) + 1, (double)i))]);
        var chunks = Assert.Single(ReadInput.All(new BlockMerge([new MemoryInput().Add("a", even), new MemoryInput().Add("a", odd)]))).Chunks;
        Assert.Equal([120, 120, 120], chunks.Select(chunk => ReadInput.Samples(chunk).Count));
    }

    /// <summary>What cannot be decoded here is not lost, and disturbs no other time.</summary>
    [Fact]
    public void Merge_OverlappingHistogramChunk_KeepsAllChunksOfTheOverlap()
    {
        var histogram = new BlockChunk(3, 8, Histogram, new byte[] { 1, 2, 3 });
        var (overlapping, apart) = (Chunk((5, 2), (9, 1)), Chunk((10, 2)));
        var merged = ReadInput.All(
            new BlockMerge([new MemoryInput().Add("a", histogram, apart), new MemoryInput().Add("a", overlapping)]), mayOverlap: true);
        AssertChunks([histogram, overlapping, apart], Assert.Single(merged).Chunks);
    }

    [Fact]
    public void Merge_ChunkThatCannotBeDecoded_NamesTheSeries()
    {
        var broken = Chunk((1, 1), (9, 2)) with { Data = new byte[] { 0, 9, 1 } };
        var merge = new BlockMerge([new MemoryInput().Add("a", broken), new MemoryInput().Add("a", Chunk((3, 1)))]);
        Assert.Contains("__name__=\"a\"", Assert.Throws<IOException>(() => ReadInput.All(merge)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merge_OfNothing_IsEmpty() => Assert.Empty(ReadInput.All(new BlockMerge([new MemoryInput()])));

    private static MemoryInput RandomInput(Random random, SortedDictionary<Labels, SortedDictionary<long, ulong>> model)
    {
        var input = new MemoryInput();
        foreach (var name in Enumerable.Range(0, random.Next(8)).Select(_ => $"s{random.Next(12)}").Distinct())
        {
            var labels = random.Next(3) == 0 ? Labels.Of(("__name__", name)) : StorageFixture.Series(name);
            if (!model.TryGetValue(labels, out var samples))
            {
                model[labels] = samples = [];
            }

            var time = random.Next(2000);
            for (var chunk = random.Next(1, 5); chunk > 0; chunk--)
            {
                var count = random.Next(1, 240);
                var taken = new List<(long, double)>();
                for (; count > 0; count--)
                {
                    time += random.Next(1, random.Next(5) == 0 ? 400 : 4);
                    var value = random.Next(2) == 0 ? random.Next(10) : random.NextDouble();
                    taken.Add((time, value));
                    samples[time] = Bits(value);
                }

                input.Add(labels, Chunk([.. taken]));
            }
        }

        return input;
    }

    private static void AssertChunks(IEnumerable<BlockChunk> expected, IEnumerable<BlockChunk> actual)
    {
        Assert.Equal(expected.Select(Text), actual.Select(Text));

        static string Text(BlockChunk chunk) => $"{chunk.MinMs}-{chunk.MaxMs} {chunk.Encoding} {Convert.ToHexString(chunk.Data.Span)}";
    }

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);
}
