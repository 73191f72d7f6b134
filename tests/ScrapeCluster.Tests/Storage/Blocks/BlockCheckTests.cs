using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Blocks;

/// <summary>What a check of a whole block finds, and what it does not take for damage.</summary>
public sealed class BlockCheckTests : BlockTestBase
{
    [Fact]
    public void Run_OnAWholeBlock_FindsNothing()
    {
        using (WriteAndOpen(SeriesModel.Random(1, 200, foreignEvery: 5), maxSegmentBytes: 64 * 1024))
        {
        }

        Assert.Empty(Run());
    }

    [Fact]
    public void Run_OnBlocksOfPrometheus_FindsNothing()
    {
        Assert.SkipUnless(Suites.TryFind(out var source, "ondisk_samples", "stock_crashed_with_blocks"), Suites.MissingReason);
        foreach (var block in Directory.GetDirectories(source!).Where(path => Ulid.TryParse(Path.GetFileName(path), out _)))
        {
            Assert.Empty(BlockCheck.Run(block, TestContext.Current.CancellationToken));
        }
    }

    /// <summary>Only the zeros between sections and in headers are under no checksum.</summary>
    [Theory]
    [InlineData("index")]
    [InlineData("chunks/000001")]
    [InlineData("tombstones")]
    public void Run_WithAnyByteDamaged_NamesTheFile(string file)
    {
        using (WriteAndOpen(SeriesModel.Random(2, 8, maxSamples: 8)))
        {
        }

        var path = FileIn($"{Id(1)}/{file}");
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            var damages = Run();
            Assert.True(damages.Any(damage => damage.Path == path) || (bytes[at] == 0 && damages.Count == 0), $"byte {at}: {string.Join("; ", damages)}");
        }
    }

    [Theory]
    [InlineData("index")]
    [InlineData("meta.json")]
    [InlineData("chunks/000001")]
    public void Run_WithoutAFile_TellsIt(string file)
    {
        using (WriteAndOpen(SeriesModel.Random(3, 8, maxSamples: 8)))
        {
        }

        File.Delete(FileIn($"{Id(1)}/{file}"));

        Assert.NotEmpty(Run());
    }

    [Fact]
    public void Run_WithDamageInTwoFiles_TellsBoth()
    {
        using (WriteAndOpen(SeriesModel.Random(4, 8, maxSamples: 8)))
        {
        }

        File.WriteAllText(FileIn($"{Id(1)}/meta.json"), "{}");
        File.WriteAllText(FileIn($"{Id(1)}/tombstones"), "nothing");

        Assert.Equal(["meta.json", "tombstones"], Run().Select(damage => Path.GetFileName(damage.Path)));
    }

    [Fact]
    public void Run_WhenMetaCountsOtherwise_TellsIt()
    {
        using (var block = WriteAndOpen(SeriesModel.Random(5, 8, maxSamples: 8)))
        {
            block.Describe(DiskFiles.Instance, block.Meta with { Stats = block.Meta.Stats with { Samples = block.Meta.Stats.Samples + 1 } });
        }

        Assert.Contains("samples", Assert.Single(Run()).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(999, 1002)]
    [InlineData(1000, 1003)]
    [InlineData(1000, 1001)]
    public void Run_WhenAChunkHasOtherTimesThanTheIndexSays_TellsIt(long minMs, long maxMs)
    {
        var model = new SeriesModel();
        model.Add(Labels.Of(("a", "b")), (1000, 1), (1001, 2), (1002, 3));
        using var source = model.Open();
        Assert.True(source.MoveNext());
        Write(new OneChunk(source.Labels, source.Chunks[0] with { MinMs = minMs, MaxMs = maxMs }), BlockHeader.OfHead(Id(1), 0, 2000));

        Assert.Contains("do not go from", Assert.Single(Run()).Reason, StringComparison.Ordinal);
    }

    private IReadOnlyList<BlockDamage> Run() => BlockCheck.Run(FileIn(Id(1).ToString()), TestContext.Current.CancellationToken);

    private sealed class OneChunk(Labels labels, BlockChunk chunk) : IBlockInput
    {
        public IBlockSource Open() => new Source(labels, chunk);

        private sealed class Source(Labels labels, BlockChunk chunk) : IBlockSource
        {
            private bool _isDone;

            public Labels Labels => labels;

            public IReadOnlyList<BlockChunk> Chunks => [chunk];

            public bool MoveNext() => !_isDone && (_isDone = true);

            public void Dispose()
            {
            }
        }
    }
}
