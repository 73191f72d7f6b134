using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Tests.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Blocks;

/// <summary>The power goes, or the process ends, behind every single step on the disk while a block is written and takes the place of others.</summary>
public sealed class BlockPowerCutTests : BlockTestBase
{
    private readonly Random _random = new(1);

    [Fact]
    public void Write_CutAtAnyStep_LeavesAWholeBlockOrNone()
    {
        var model = SeriesModel.Random(1, 20, maxSamples: 20);
        var disk = new PowerCutFiles(DataFolder);
        var steps = new SteppedFiles(disk, () => AssertAfterCut(disk, folder =>
        {
            Assert.InRange(folder.Blocks.Count, 0, 1);
            Assert.All(folder.Blocks, block => Assert.Equal(model.SampleCount, SamplesIn(block)));
        }));

        Assert.NotNull(new BlockWriter(steps).Write(DataFolder, BlockHeader.OfHead(Id(1), model.MinMs, model.EndMs), model, TestContext.Current.CancellationToken));

        AssertAfterCut(disk, folder => Assert.Single(folder.Blocks));
    }

    [Fact]
    public void Merge_CutAtAnyStep_LosesNothing()
    {
        SeriesModel[] models = [SeriesModel.Random(2, 10, maxSamples: 20), SeriesModel.Random(3, 10, maxSamples: 20, startMs: 1_796_000_000_000)];
        Write(models[0], BlockHeader.OfHead(Id(1), models[0].MinMs, models[0].EndMs));
        Write(models[1], BlockHeader.OfHead(Id(2), models[1].MinMs, models[1].EndMs));
        var both = new SeriesModel();
        foreach (var (labels, samples) in models.SelectMany(model => model.Series))
        {
            both.Add(labels, samples);
        }

        var disk = new PowerCutFiles(DataFolder);
        var steps = new SteppedFiles(disk, () => AssertAfterCut(disk, folder => Assert.Equal(both.SampleCount, folder.Blocks.Sum(SamplesIn))));
        using var folder = BlockFolder.Open(DataFolder, steps);
        var header = new BlockHeader(
            Id(3), models[0].MinMs, models[1].EndMs, 2, [Id(1), Id(2)], [.. folder.Blocks.Select(block => new BlockParent(block.Id, block.MinMs, block.EndMs))]);

        new BlockWriter(steps).Write(DataFolder, header, both, TestContext.Current.CancellationToken);
        folder.Replace(folder.Blocks, Id(3));

        Assert.True(steps.Count > 15, $"{steps.Count} steps");
        AssertAfterCut(disk, cut => Assert.Equal([Id(3)], cut.Blocks.Select(block => block.Id)));
    }

    private void AssertAfterCut(PowerCutFiles disk, Action<BlockFolder> assert)
    {
        foreach (var spared in (Spared[])[Spared.All, Spared.Nothing, Spared.Some, Spared.Some])
        {
            var target = Directory.CreateTempSubdirectory("blocks-cut-").FullName;
            disk.Cut(target, spared, _random);
            using (var folder = BlockFolder.Open(target))
            {
                Assert.Empty(folder.Bad);
                Assert.All(folder.Blocks, block => Assert.Empty(BlockCheck.Run(block.Folder, TestContext.Current.CancellationToken)));
                assert(folder);
                Assert.Equal(folder.Blocks.Count, Directory.GetFileSystemEntries(target).Length);
            }

            Directory.Delete(target, recursive: true);
        }
    }

    private static int SamplesIn(Block block)
    {
        using var reader = block.TryRead();
        return new BlockQuery(reader!).Select([]).Sum(series => series.Values.Length);
    }

    /// <summary>Calls back behind every step that changes the disk.</summary>
    private sealed class SteppedFiles(IDataFiles files, Action behindStep) : IDataFiles
    {
        public int Count { get; private set; }

        public IDataFile Create(string path)
        {
            var file = files.Create(path);
            Step();
            return new SteppedFile(this, file);
        }

        public IReadableFile OpenToRead(string path) => files.OpenToRead(path);

        public IDataFile Open(string path) => new SteppedFile(this, files.Open(path));

        public void CreateFolder(string path) => Step(() => files.CreateFolder(path));

        public void Move(string from, string to) => Step(() => files.Move(from, to));

        public void Delete(string path) => Step(() => files.Delete(path));

        public void DeleteFolder(string path) => Step(() => files.DeleteFolder(path));

        public void FlushFolder(string path) => Step(() => files.FlushFolder(path));

        private void Step(Action step)
        {
            step();
            Step();
        }

        private void Step()
        {
            Count++;
            behindStep();
        }

        private sealed class SteppedFile(SteppedFiles owner, IDataFile file) : IDataFile
        {
            public void Write(ReadOnlySpan<byte> bytes, long offset)
            {
                file.Write(bytes, offset);
                owner.Step();
            }

            public void SetLength(long length) => owner.Step(() => file.SetLength(length));

            public void FlushToDisk() => owner.Step(file.FlushToDisk);

            public void Dispose() => file.Dispose();
        }
    }
}
