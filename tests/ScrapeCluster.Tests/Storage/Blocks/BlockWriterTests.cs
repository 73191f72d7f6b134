using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Tests.Storage.Blocks;

/// <summary>Random series against what is read back from the block that was written of them.</summary>
public sealed class BlockWriterTests : BlockTestBase
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 40)]
    [InlineData(3, 300)]
    [InlineData(4, 1500)]
    public void Write_RandomSeries_ReadsBackTheSame(int seed, int seriesCount)
    {
        var model = SeriesModel.Random(seed, seriesCount);
        using var block = WriteAndOpen(model, maxSegmentBytes: 64 * 1024);
        using var reader = block.TryRead();

        AssertSame(model, new BlockQuery(reader!).Select([]));

        Assert.Equal(model.SampleCount, block.Meta.Stats.Samples);
        Assert.Equal(model.Series.Count(series => series.Value.Count > 0), block.Meta.Stats.Series);
        Assert.Equal((model.MinMs, model.EndMs, 1), (block.MinMs, block.EndMs, block.Meta.Compaction.Level));
        Assert.Equal([block.Id], block.Meta.Compaction.Sources);
        Assert.Equal([block.Id.ToString()], Directory.GetFileSystemEntries(DataFolder).Select(Path.GetFileName));
        Assert.Equal(["chunks", "index", "meta.json", "tombstones"], Directory.GetFileSystemEntries(block.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_Twice_GivesTheSameBytes()
    {
        var model = SeriesModel.Random(5, 200);
        Write(model, BlockHeader.OfHead(Id(1), model.MinMs, model.EndMs));
        var first = Contents(Id(1));
        Directory.Delete(FileIn(Id(1).ToString()), recursive: true);
        Write(model, BlockHeader.OfHead(Id(1), model.MinMs, model.EndMs));

        Assert.Equal(first, Contents(Id(1)));
    }

    [Fact]
    public void Write_OfABlock_GivesTheSameIndexAndChunks()
    {
        var model = SeriesModel.Random(6, 300, foreignEvery: 7);
        using var block = WriteAndOpen(model);
        var header = new BlockHeader(Id(2), block.MinMs, block.EndMs, 2, [block.Id], [new BlockParent(block.Id, block.MinMs, block.EndMs)]);

        var meta = Write(new BlockInput(block), header);

        Assert.Equal(block.Meta.Stats, meta!.Stats);
        Assert.Equal([new BlockParent(block.Id, block.MinMs, block.EndMs)], BlockMetaFile.Read(FileIn($"{Id(2)}/meta.json")).Compaction.Parents);
        Assert.Equal(Contents(Id(1)).Where(IsNotMeta), Contents(Id(2)).Where(IsNotMeta));

        static bool IsNotMeta(string file) => !file.StartsWith("meta", StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OfNoChunk_LeavesNothing()
    {
        var model = new SeriesModel();
        model.Add(Labels.Of(("a", "b")));

        Assert.Null(Write(model, BlockHeader.OfHead(Id(1), 0, 1)));
        Assert.Empty(Directory.GetFileSystemEntries(DataFolder));
    }

    [Fact]
    public void Read_OfChunksOfAnotherEncoding_PassesOverThemAndCounts()
    {
        var model = SeriesModel.Random(7, 100, foreignEvery: 3);
        using var block = WriteAndOpen(model);
        using (var reader = block.TryRead())
        {
            AssertSame(model, new BlockQuery(reader!).Select([]));
            Assert.Equal(block.Meta.Stats.Samples - model.SampleCount, reader!.UnsupportedChunks * 3);
            Assert.NotEqual(0, reader.UnsupportedChunks);
        }

        Assert.NotEqual(0, block.UnsupportedChunks);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Select_OfARange_GivesItsSamplesOnly(int seed)
    {
        var random = new Random(seed);
        var model = SeriesModel.Random(seed, 60);
        using var block = WriteAndOpen(model);
        for (var i = 0; i < 30; i++)
        {
            var minMs = random.NextInt64(model.MinMs - 10, model.EndMs + 10);
            var maxMs = minMs + random.NextInt64((model.EndMs - model.MinMs) / random.Next(1, 50));
            using var reader = block.TryRead();
            AssertSame(model, new BlockQuery(reader!).Select([], minMs, maxMs), sample => sample.TimeMs >= minMs && sample.TimeMs <= maxMs);
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Tombstones_HideSamples_AlsoFromBlocksMadeOfIt(int seed)
    {
        var random = new Random(seed);
        var model = SeriesModel.Random(seed, 80);
        var deleted = new Dictionary<Labels, List<DeletedRange>>();
        using (var block = WriteAndOpen(model))
        {
            var tombstones = new TombstonesFile();
            using var reader = block.TryRead();
            foreach (var series in reader!.Select([]).Where(_ => random.Next(2) == 0))
            {
                reader.Read(series);
                var ranges = deleted[reader.ReadLabels()] = [];
                for (var i = 0; i < random.Next(1, 4); i++)
                {
                    var minMs = random.NextInt64(model.MinMs - 1000, model.EndMs);
                    ranges.Add(new DeletedRange(minMs, random.Next(5) == 0 ? long.MaxValue : minMs + random.NextInt64((model.EndMs - model.MinMs) / 2)));
                    tombstones.Add(series, ranges[^1]);
                }
            }

            File.Delete(Path.Combine(block.Folder, TombstonesFile.FileName));
            tombstones.Write(DiskFiles.Instance, Path.Combine(block.Folder, TombstonesFile.FileName));
        }

        using var cut = Block.Open(FileIn(Id(1).ToString()));
        using (var reader = cut.TryRead())
        {
            AssertSame(model, new BlockQuery(reader!).Select([]), IsKept);
        }

        Write(new BlockInput(cut), BlockHeader.OfHead(Id(2), cut.MinMs, cut.EndMs));
        using var rewritten = Block.Open(FileIn(Id(2).ToString()));
        Assert.False(rewritten.HasTombstones);
        using (var reader = rewritten.TryRead())
        {
            AssertSame(model, new BlockQuery(reader!).Select([]), IsKept);
        }

        bool IsKept(Labels labels, (long TimeMs, double Value) sample)
        {
            return !deleted.TryGetValue(labels, out var ranges) || !ranges.Exists(range => range.MinMs <= sample.TimeMs && sample.TimeMs <= range.MaxMs);
        }
    }

    private List<string> Contents(Ulid id)
    {
        var folder = FileIn(id.ToString());
        return [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => $"{Path.GetRelativePath(folder, path)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))}")];
    }

    private static void AssertSame(
        SeriesModel model, IEnumerable<ScrapeCluster.Storage.Queries.SeriesSamples> actual, Func<(long TimeMs, double Value), bool>? isWanted = null)
    {
        AssertSame(model, actual, (_, sample) => isWanted is null || isWanted(sample));
    }

    private static void AssertSame(
        SeriesModel model, IEnumerable<ScrapeCluster.Storage.Queries.SeriesSamples> actual, Func<Labels, (long TimeMs, double Value), bool> isWanted)
    {
        var expected = model.Series
            .Select(series => (series.Key, Samples: series.Value.Where(sample => isWanted(series.Key, sample)).ToList()))
            .Where(series => series.Samples.Count > 0)
            .ToList();
        var found = actual.ToList();
        Assert.Equal(expected.Select(series => series.Key), found.Select(series => series.Labels));
        foreach (var ((_, samples), series) in expected.Zip(found))
        {
            Assert.Equal(samples.Select(sample => sample.TimeMs), series.TimestampsMs);
            Assert.Equal(samples.Select(sample => BitConverter.DoubleToUInt64Bits(sample.Value)), series.Values.Select(BitConverter.DoubleToUInt64Bits));
        }
    }
}
