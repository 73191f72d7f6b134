using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Tests.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Blocks;

/// <summary>Disks that are full or break while a block is written, and blocks with bits that flipped.</summary>
public sealed class BlockFaultTests : BlockTestBase
{
    [Fact]
    public void Write_OnADiskThatIsFullAtAnyByte_LeavesNoBlock()
    {
        var model = SeriesModel.Random(1, 30, maxSamples: 30);
        var header = BlockHeader.OfHead(Id(1), model.MinMs, model.EndMs);
        var disk = new FaultyWalFiles();
        new BlockWriter(disk).Write(DataFolder, header, model, TestContext.Current.CancellationToken);
        var needed = long.MaxValue - disk.RoomBytes;
        Directory.Delete(FileIn(Id(1).ToString()), recursive: true);

        for (var room = 0L; room < needed; room += 1 + (needed / 20))
        {
            disk.RoomBytes = room;
            Assert.ThrowsAny<IOException>(() => new BlockWriter(disk).Write(DataFolder, header, model, TestContext.Current.CancellationToken));
            Assert.Empty(Directory.GetFileSystemEntries(DataFolder));
        }

        disk.RoomBytes = needed;
        Assert.NotNull(new BlockWriter(disk).Write(DataFolder, header, model, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Write_OnADiskThatFails_LeavesNoBlock(bool failFlush, bool failCreate)
    {
        var model = SeriesModel.Random(1, 30, maxSamples: 30);
        var disk = new FaultyWalFiles { FailFlush = failFlush, FailCreate = failCreate };

        Assert.ThrowsAny<IOException>(() => new BlockWriter(disk).Write(DataFolder, BlockHeader.OfHead(Id(1), 0, 1), model, TestContext.Current.CancellationToken));

        Assert.Empty(Directory.GetFileSystemEntries(DataFolder));
    }

    [Fact]
    public void Write_ThatIsCancelled_LeavesNoBlock()
    {
        var model = SeriesModel.Random(1, 30, maxSamples: 30);

        Assert.ThrowsAny<OperationCanceledException>(
            () => new BlockWriter(new FaultyWalFiles()).Write(DataFolder, BlockHeader.OfHead(Id(1), 0, 1), model, new CancellationToken(canceled: true)));

        Assert.Empty(Directory.GetFileSystemEntries(DataFolder));
    }

    [Fact]
    public void Write_WithWhatACrashLeftOfTheSameBlock_StartsAnew()
    {
        var model = SeriesModel.Random(1, 3, maxSamples: 30);
        Directory.CreateDirectory(FileIn($"{Id(1)}{BlockWriter.TemporarySuffix}/chunks"));
        File.WriteAllText(FileIn($"{Id(1)}{BlockWriter.TemporarySuffix}/index"), "half");

        using var block = WriteAndOpen(model);

        Assert.Single(Directory.GetFileSystemEntries(DataFolder));
    }

    /// <summary>Whatever one byte becomes, somebody who reads everything gets the right samples or an error that names a file; never other samples.</summary>
    [Theory]
    [InlineData("index", 1)]
    [InlineData("index", 2)]
    [InlineData("chunks/000001", 3)]
    [InlineData("tombstones", 4)]
    public void Read_OfABlockWithOneDamagedByte_IsRightOrTellsWhere(string file, int seed)
    {
        var random = new Random(seed);
        var model = SeriesModel.Random(seed, 40, maxSamples: 50);
        using (WriteAndOpen(model))
        {
        }

        var path = FileIn($"{Id(1)}/{file}");
        var bytes = File.ReadAllBytes(path);
        var expected = ReadAll();
        for (var i = 0; i < 300; i++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            AssertRightOrDamage(path, expected);
        }
    }

    [Theory]
    [InlineData("index")]
    [InlineData("chunks/000001")]
    [InlineData("tombstones")]
    [InlineData("meta.json")]
    public void Read_OfABlockWithAFileCutShort_IsRightOrTellsWhere(string file)
    {
        using (WriteAndOpen(SeriesModel.Random(5, 40, maxSamples: 50)))
        {
        }

        var path = FileIn($"{Id(1)}/{file}");
        var bytes = File.ReadAllBytes(path);
        var expected = ReadAll();
        for (var length = 0; length < bytes.Length; length += 1 + (bytes.Length / 50))
        {
            File.WriteAllBytes(path, bytes[..length]);
            AssertRightOrDamage(path, expected);
        }
    }

    private void AssertRightOrDamage(string path, string expected)
    {
        try
        {
            Assert.Equal(expected, ReadAll());
        }
        catch (BlockDamageException damage)
        {
            Assert.Equal(path, damage.Damage.Path);
        }
    }

    private string ReadAll()
    {
        using var block = Block.Open(FileIn(Id(1).ToString()));
        using var reader = block.TryRead();
        return string.Join('\n', new BlockQuery(reader!).Select([]).Select(series =>
            $"{series.Labels} {string.Join(' ', series.TimestampsMs.Zip(series.Values, (timeMs, value) => $"{timeMs}:{BitConverter.DoubleToUInt64Bits(value):x}"))}"));
    }
}
