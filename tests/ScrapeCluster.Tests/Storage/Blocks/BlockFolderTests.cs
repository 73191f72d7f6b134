using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Blocks;

public sealed class BlockFolderTests : BlockTestBase
{
    [Fact]
    public void Open_ShowsBlocksByTime_AndRemovesWhatIsUnfinished()
    {
        WriteOne(3, startMs: 3000);
        WriteOne(1, startMs: 1000);
        WriteOne(2, startMs: 2000);
        foreach (var name in new[] { $"{Id(7)}.tmp-for-creation", $"{Id(8)}.tmp-for-deletion", $"{Id(9)}.tmp", "chunks_head", "wal", "mine.tmp" })
        {
            Directory.CreateDirectory(FileIn(Path.Combine(name, "inner")));
        }

        using var folder = BlockFolder.Open(DataFolder);

        Assert.Equal([Id(1), Id(2), Id(3)], folder.Blocks.Select(block => block.Id));
        Assert.Empty(folder.Bad);
        var others = Directory.GetDirectories(DataFolder).Select(path => Path.GetFileName(path)!).Where(name => !Ulid.TryParse(name, out _));
        Assert.Equal(["chunks_head", "mine.tmp", "wal"], others.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("meta.json")]
    [InlineData("index")]
    [InlineData("chunks")]
    [InlineData("chunks/000001")]
    [InlineData("")]
    public void Open_WithABlockThatMissesAPart_TellsItAndShowsTheOthers(string missing)
    {
        WriteOne(1, startMs: 1000);
        var broken = FileIn(WriteOne(2, startMs: 2000).ToString());
        if (missing is "" or "chunks")
        {
            Directory.Delete(Path.Combine(broken, missing), recursive: true);
            Directory.CreateDirectory(broken);
        }
        else
        {
            File.Delete(Path.Combine(broken, missing));
        }

        using var folder = BlockFolder.Open(DataFolder);

        Assert.Equal(broken, Assert.Single(folder.Bad).Folder);
        Assert.Equal([Id(1)], folder.Blocks.Select(block => block.Id));
        Assert.True(Directory.Exists(broken));
    }

    [Fact]
    public void Open_WithAMergedBlockBesideItsParents_RemovesThem()
    {
        var first = WriteOne(1, startMs: 1000);
        var second = WriteOne(2, startMs: 2000);
        WriteOne(3, startMs: 3000);
        File.WriteAllText(FileIn($"{second}/index"), "broken too");
        var header = new BlockHeader(Id(4), 1000, 3000, 2, [first, second], [new BlockParent(first, 1000, 2000), new BlockParent(second, 2000, 3000)]);
        Write(ModelOf(1000), header);

        using (var looked = BlockFolder.OpenReadOnly(DataFolder))
        {
            Assert.Equal([first, Id(4), Id(3)], looked.Blocks.Select(block => block.Id));
            Assert.Single(looked.Bad);
        }

        using var folder = BlockFolder.Open(DataFolder);

        Assert.Equal([Id(4), Id(3)], folder.Blocks.Select(block => block.Id));
        Assert.Empty(folder.Bad);
        Assert.Equal(2, Directory.GetDirectories(DataFolder).Length);
    }

    [Fact]
    public void Replace_WhileSomebodyReads_LetsHimFinish()
    {
        WriteOne(1, startMs: 1000);
        using var folder = BlockFolder.Open(DataFolder);
        var block = folder.Blocks[0];
        using (var reader = Assert.Single(folder.Read(0, 5000)))
        {
            folder.Replace([block], null);

            Assert.Empty(folder.Blocks);
            Assert.Empty(folder.Read(0, 5000));
            Assert.Empty(Directory.GetDirectories(DataFolder));
            Assert.Equal(3, new BlockQuery(reader).Select([]).Single().Values.Length);
            using var another = block.TryRead();
            Assert.NotNull(another);
        }

        Assert.Null(block.TryRead());
    }

    [Fact]
    public void Replace_PutsTheMergedBlockInPlaceOfItsParents()
    {
        WriteOne(1, startMs: 1000);
        WriteOne(2, startMs: 2000);
        using var folder = BlockFolder.Open(DataFolder);
        Write(ModelOf(1000), new BlockHeader(Id(4), 1000, 3000, 2, [Id(1), Id(2)], []));

        folder.Replace(folder.Blocks, Id(4));

        Assert.Equal([Id(4)], folder.Blocks.Select(block => block.Id));
        Assert.Equal([Id(4).ToString()], Directory.GetDirectories(DataFolder).Select(Path.GetFileName));
    }

    [Fact]
    public void Replace_ByABlockThatCannotBeOpened_ChangesNothing()
    {
        WriteOne(1, startMs: 1000);
        using var folder = BlockFolder.Open(DataFolder);

        Assert.ThrowsAny<IOException>(() => folder.Replace(folder.Blocks, Id(4)));

        Assert.Equal([Id(1)], folder.Blocks.Select(block => block.Id));
        Assert.True(Directory.Exists(folder.Blocks[0].Folder));
    }

    [Fact]
    public async Task Read_WhileBlocksAreReplaced_SeesAllOfTheTimeExactlyOnce()
    {
        WriteOne(0, startMs: 1000);
        using var folder = BlockFolder.Open(DataFolder);
        using var end = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => OwnThread.Run(() =>
        {
            for (var i = 0; !end.IsCancellationRequested || i < 10; i++)
            {
                using var reader = Assert.Single(folder.Read(0, 5000));
                Assert.Equal(3, new BlockQuery(reader).Select([]).Single().Values.Length);
            }
        })).ToArray();

        for (var number = 1; number < 40; number++)
        {
            WriteOne(number, startMs: 1000);
            folder.Replace(folder.Blocks, Id(number));
        }

        await end.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Single(Directory.GetDirectories(DataFolder));
    }

    private Ulid WriteOne(int number, long startMs) => Write(ModelOf(startMs), BlockHeader.OfHead(Id(number), startMs, startMs + 1000))!.Id;

    private static SeriesModel ModelOf(long startMs)
    {
        var model = new SeriesModel();
        model.Add(Labels.Of(("a", "b")), (startMs, 1), (startMs + 1, 2), (startMs + 2, 3));
        return model;
    }
}
