using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.RemoteWrite.Positions;

/// <summary>Bytes of a position file, whole and damaged, and what a queue makes of them.</summary>
public sealed class PositionFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("positions-").FullName;

    private string FilePath => Path.Combine(_directory, "q.positions");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Write_ManyTimes_TheLastOfEachShardIsRead()
    {
        Create(3, out var file);
        var random = new Random(1);
        var last = new ShardPosition[3];
        Array.Fill(last, new ShardPosition(At(1)));
        for (var i = 0; i < 100; i++)
        {
            var shard = random.Next(3);
            var place = new SamplePosition(random.Next(9), random.NextInt64(1L << 40), random.Next(2000));
            last[shard] = new ShardPosition(place, place with { Index = place.Index + random.Next(3) });
            file.Write(shard, last[shard]);
        }

        file.Dispose();
        var read = PositionFile.TryRead(FilePath)!;
        Assert.Empty(read.Damages);
        Assert.Equal(last.Cast<ShardPosition?>(), read.Shards);
        Assert.Equal(new PositionHeader(7, 3, PositionFormat.HashUrl("http://a"), At(1)), read.Header);
        Assert.Equal(PositionFormat.FileLength(3), new FileInfo(FilePath).Length);
    }

    [Fact]
    public void Open_AfterRead_GoesOnWithTheNextSlot()
    {
        Create(2, out var file);
        file.Write(1, new ShardPosition(At(2), At(3)));
        file.Dispose();
        using (var again = PositionFile.Open(FilePath, PositionFile.TryRead(FilePath)!, RandomAccess.Write))
        {
            again.Write(1, new ShardPosition(At(4)));
        }

        Assert.Equal([new ShardPosition(At(1)), new ShardPosition(At(4))], PositionFile.TryRead(FilePath)!.Shards);
    }

    [Fact]
    public void TryRead_NoFile_IsNull() => Assert.Null(PositionFile.TryRead(FilePath));

    /// <summary>Whichever byte is damaged, or wherever the file ends: nothing is believed that was not written, and a shard falls back by one write at most where a slot is hit.</summary>
    [Fact]
    public void Parse_EveryByteDamagedOrCutThere_IsToldAndNeverInvented()
    {
        Create(2, out var file);
        file.Write(0, new ShardPosition(At(2), At(3)));
        file.Write(1, new ShardPosition(At(5)));
        file.Write(1, new ShardPosition(At(6), At(7)));
        file.Dispose();
        var bytes = File.ReadAllBytes(FilePath);
        ShardPosition?[][] written = [[new(At(1)), new(At(2), At(3))], [new(At(5)), new(At(6), At(7))]];
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0x10;
            var read = PositionsRead.Parse(damaged);
            Assert.NotEmpty(read.Damages);
            Assert.NotNull(read.Header);
            Assert.Contains(read.Shards[0], written[0]);
            Assert.Contains(read.Shards[1], written[1]);

            var cut = PositionsRead.Parse(bytes.AsSpan(0, i));
            Assert.NotEmpty(cut.Damages);
            for (var shard = 0; shard < cut.Shards.Length; shard++)
            {
                Assert.True(cut.Shards[shard] is null || written[shard].Contains(cut.Shards[shard]), $"cut at {i}: {cut.Shards[shard]}");
            }
        }
    }

    [Fact]
    public void Start_NoFile_IsTheLogsEnd()
    {
        var start = QueueStart.Of(null, 3, 5, new WalPosition(9, 100));

        Assert.Empty(start.Faults);
        Assert.Equal(Enumerable.Repeat(new ShardStart(new SamplePosition(9, 100, 0)), 3), start.Shards);
    }

    [Fact]
    public void Start_WholeFile_IsAsWritten()
    {
        var read = Read(new ShardPosition(At(2), At(3)), new ShardPosition(At(4)));

        var start = QueueStart.Of(read, 1, 0, new WalPosition(1, 0));

        Assert.Empty(start.Faults);
        Assert.Equal([new ShardStart(new ShardPosition(At(2), At(3)), At(3)), new ShardStart(At(4))], start.Shards);
    }

    [Fact]
    public void Start_NothingOfTheFileCanBeRead_IsTheBeginningOfTheLog()
    {
        var end = new WalPosition(9, 100);
        var start = QueueStart.Of(PositionsRead.Parse(new byte[500]), 2, 5, end);

        Assert.Contains("beginning of the log", Assert.Single(start.Faults), StringComparison.Ordinal);
        var all = new ShardStart(new ShardPosition(new SamplePosition(5, 0, 0)), new SamplePosition(end));
        Assert.Equal([all, all], start.Shards);
    }

    [Fact]
    public void Start_ShardCannotBeRead_IsTheBaseOrTheFirstSegment()
    {
        var read = Read(new ShardPosition(At(2)), new ShardPosition(At(4))) with { Damages = ["slots"] };
        read.Shards[1] = null;

        var fromBase = QueueStart.Of(read, 1, 0, new WalPosition(3, 50));
        Assert.Equal([At(2), At(1)], fromBase.Shards.Select(shard => shard.Position.Acknowledged));
        Assert.All(fromBase.Shards, shard => Assert.Equal(new SamplePosition(3, 50, 0), shard.RepeatsUntil));
        Assert.Single(fromBase.Faults);

        var fromSegment = QueueStart.Of(read, 1, 2, new WalPosition(3, 50));
        Assert.Equal(new SamplePosition(2, 0, 0), fromSegment.Shards[1].Position.Acknowledged);
    }

    [Fact]
    public void Start_AheadOfTheLog_IsItsEnd()
    {
        var start = QueueStart.Of(Read(new ShardPosition(new SamplePosition(8, 0, 0))), 1, 0, new WalPosition(2, 70));

        Assert.Equal([new ShardStart(new SamplePosition(2, 70, 0))], start.Shards);
        Assert.Contains("ahead of the log", Assert.Single(start.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Adoptions_OnlyOfFilesThatAreNobodys_EachOnce()
    {
        var folder = new PositionFolder("/d");
        (string, UInt128) File(string name, string url) => (folder.PathOf(name), PositionFormat.HashUrl(url));
        var adoptions = folder.Adoptions(
            [("kept", "http://a"), ("new1", "http://a"), ("new2", "http://a"), ("new3", "http://a"), ("other", "http://c")],
            [File("kept", "http://a"), File("old1", "http://a"), File("old2", "http://a"), File("old3", "http://b")]);

        Assert.Equal([("new1", folder.PathOf("old1")), ("new2", folder.PathOf("old2"))], adoptions.Select(item => (item.Key, item.Value)));
    }

    [Fact]
    public void PathOf_AnyName_IsAFileInTheFolderOfItsOwn()
    {
        var folder = new PositionFolder("/d");
        string[] names = ["a", "A", "a/b", "a%2Fb", "../x", "..", "ü", new('x', 300), new('x', 301), "a b"];
        var paths = names.Select(folder.PathOf).ToList();
        Assert.Equal(names.Length, paths.Distinct().Count());
        Assert.All(paths, path => Assert.Equal("/d", Path.GetDirectoryName(Path.GetFullPath(path))));
        Assert.All(paths, path => Assert.True(Path.GetFileName(path).Length < 200));
    }

    private static SamplePosition At(int index) => new(0, 10, index);

    private static PositionsRead Read(params ShardPosition?[] shards) =>
        new(new PositionHeader(1, shards.Length, 0, At(1)), shards, new ulong[shards.Length], []);

    private void Create(int shards, out PositionFile file)
    {
        var positions = ShardPositions.AllAt(At(1), shards);
        file = PositionFile.Create(FilePath, new PositionHeader(7, shards, PositionFormat.HashUrl("http://a"), At(1)), positions.Shards, RandomAccess.Write);
    }
}
