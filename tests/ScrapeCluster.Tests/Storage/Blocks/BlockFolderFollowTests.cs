using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Tests.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Blocks;

/// <summary>Others put blocks into an open directory, half at first, and take some away.</summary>
public sealed class BlockFolderFollowTests : BlockTestBase
{
    private readonly string _elsewhere = Directory.CreateTempSubdirectory("blocks-elsewhere-").FullName;

    public override void Dispose()
    {
        Directory.Delete(_elsewhere, recursive: true);
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Follow_BlockIsCopiedPieceByPiece_OpensItWhenItHasSettled()
    {
        WriteOne(1, startMs: 1000);
        using var folder = BlockFolder.Open(DataFolder);
        var id = WriteElsewhere(2, startMs: 2000);
        foreach (var file in new[] { "chunks/000001", "index", "tombstones", "meta.json" })
        {
            CopyFile(id, file);
            AssertNothing(folder.Follow());
        }

        var changes = folder.Follow();
        Assert.Equal([id], changes.Added.Select(block => block.Id));
        Assert.Empty(changes.Bad);
        Assert.Equal([Id(1), id], folder.Blocks.Select(block => block.Id));
        Assert.Equal(6, folder.Read(0, 5000).Sum(ReadAndLetGo));
        AssertNothing(folder.Follow());
    }

    [Theory]
    [InlineData("meta.json")]
    [InlineData("index")]
    [InlineData("chunks/000001")]
    public void Follow_BlockThatStaysHalf_IsToldOnceAndTakenWhenItIsWhole(string missing)
    {
        WriteOne(1, startMs: 1000);
        using var folder = BlockFolder.Open(DataFolder);
        var id = WriteElsewhere(2, startMs: 2000);
        foreach (var file in new[] { "chunks/000001", "index", "tombstones", "meta.json" }.Where(file => file != missing))
        {
            CopyFile(id, file);
        }

        AssertNothing(folder.Follow());
        Assert.Equal(FileIn(id.ToString()), Assert.Single(folder.Follow().Bad).Folder);
        Assert.Equal(FileIn(id.ToString()), Assert.Single(folder.Bad).Folder);
        AssertNothing(folder.Follow());

        CopyFile(id, missing);
        AssertNothing(folder.Follow());
        Assert.Equal([id], folder.Follow().Added.Select(block => block.Id));
        Assert.Empty(folder.Bad);
    }

    [Fact]
    public void Follow_BlockThatWasBadAtTheOpening_IsTakenWhenItIsMended()
    {
        var id = WriteOne(1, startMs: 1000);
        var meta = File.ReadAllBytes(FileIn($"{id}/meta.json"));
        File.WriteAllBytes(FileIn($"{id}/meta.json"), []);
        using var folder = BlockFolder.Open(DataFolder);
        Assert.Contains("meta.json at offset 0", Assert.Single(folder.Bad).Reason, StringComparison.Ordinal);
        AssertNothing(folder.Follow());
        AssertNothing(folder.Follow());

        File.WriteAllBytes(FileIn($"{id}/meta.json"), meta);
        AssertNothing(folder.Follow());
        Assert.Equal([id], folder.Follow().Added.Select(block => block.Id));
        Assert.Empty(folder.Bad);
    }

    [Fact]
    public void Follow_FolderIsDeleted_ForgetsTheBlockAndLetsReadersFinish()
    {
        WriteOne(1, startMs: 1000);
        WriteOne(2, startMs: 2000);
        using var folder = BlockFolder.Open(DataFolder);
        var block = folder.Blocks[0];
        using (var reader = block.TryRead()!)
        {
            Directory.Delete(FileIn(Id(1).ToString()), recursive: true);
            Assert.Equal([block], folder.Follow().Vanished);

            Assert.Equal([Id(2)], folder.Blocks.Select(other => other.Id));
            Assert.Equal(3, new BlockQuery(reader).Select([]).Single().Values.Length);
        }

        Assert.Null(block.TryRead());
        AssertNothing(folder.Follow());
    }

    [Fact]
    public void Follow_DirectoryIsGone_SaysSoAndForgetsNothing()
    {
        WriteOne(1, startMs: 1000);
        using var folder = BlockFolder.Open(DataFolder);
        Directory.Move(DataFolder, DataFolder + ".away");
        try
        {
            Assert.Contains(DataFolder, Assert.ThrowsAny<IOException>(folder.Follow).Message, StringComparison.Ordinal);
            Assert.Equal(3, folder.Read(0, 5000).Sum(ReadAndLetGo));
        }
        finally
        {
            Directory.Move(DataFolder + ".away", DataFolder);
        }
    }

    [Fact]
    public void Follow_BlockThatCouldNotBeRemoved_DoesNotComeBack()
    {
        WriteOne(1, startMs: 1000);
        WriteOne(2, startMs: 2000);
        var disk = new UnwritableFolder();
        using var folder = BlockFolder.Open(DataFolder, disk);
        disk.IsReadOnly = true;
        Assert.ThrowsAny<IOException>(() => folder.Replace([folder.Blocks[0]], null));

        AssertNothing(folder.Follow());
        AssertNothing(folder.Follow());
        Assert.Equal([Id(2)], folder.Blocks.Select(block => block.Id));
    }

    [Fact]
    public void Replace_BlockWhoseFolderIsGone_IsNoFailure()
    {
        WriteOne(1, startMs: 1000);
        using var folder = BlockFolder.Open(DataFolder);
        Directory.Delete(FileIn(Id(1).ToString()), recursive: true);
        folder.Replace(folder.Blocks, null);
        Assert.Empty(folder.Blocks);
    }

    private static void AssertNothing(FolderChanges changes) => Assert.Equal((0, 0, 0), (changes.Added.Count, changes.Vanished.Count, changes.Bad.Count));

    private static int ReadAndLetGo(BlockReader reader)
    {
        using (reader)
        {
            return new BlockQuery(reader).Select([]).Sum(series => series.Values.Length);
        }
    }

    private Ulid WriteOne(int number, long startMs) => Write(ModelOf(startMs), HeaderOf(number, startMs))!.Id;

    private Ulid WriteElsewhere(int number, long startMs)
    {
        return new BlockWriter(ScrapeCluster.Storage.Files.DiskFiles.Instance).Write(_elsewhere, HeaderOf(number, startMs), ModelOf(startMs), TestContext.Current.CancellationToken)!.Id;
    }

    private void CopyFile(Ulid id, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FileIn($"{id}/{file}"))!);
        File.Copy(Path.Combine(_elsewhere, id.ToString(), file), FileIn($"{id}/{file}"));
    }

    private static BlockHeader HeaderOf(int number, long startMs) => BlockHeader.OfHead(Id(number), startMs, startMs + 1000);

    private static SeriesModel ModelOf(long startMs)
    {
        var model = new SeriesModel();
        model.Add(Labels.Of(("a", "b")), (startMs, 1), (startMs + 1, 2), (startMs + 2, 3));
        return model;
    }

    private sealed class UnwritableFolder : ForwardingFiles
    {
        public bool IsReadOnly { get; set; }

        public override void Move(string from, string to)
        {
            if (IsReadOnly)
            {
                throw new IOException("Read-only file system", 30);
            }

            base.Move(from, to);
        }
    }
}
