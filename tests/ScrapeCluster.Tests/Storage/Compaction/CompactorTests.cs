using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Metrics;

namespace ScrapeCluster.Tests.Storage.Compaction;

public sealed class CompactorTests : IDisposable
{
    private const long HourMs = PlannedBlocks.HourMs;

    private readonly string _directory = Directory.CreateTempSubdirectory("compactor-").FullName;
    private readonly Random _random = new(1);
    private BlockFolder? _blocks;
    private CompactionMetrics? _metrics;

    public void Dispose()
    {
        _blocks?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void TidyBlocks_OverlappingBlocks_BecomeOne()
    {
        Write(0, 2, (1, 1), (HourMs, 2));
        Write(1, 3, (HourMs + 1, 3), (2 * HourMs, 4));
        var compactor = Open();
        Assert.Null(compactor.TidyBlocks(default).Failure);

        var merged = Assert.Single(_blocks!.Blocks);
        Assert.Equal((0, 3 * HourMs, 2), (merged.MinMs, merged.EndMs, merged.Meta.Compaction.Level));
        Assert.Equal([1, HourMs, HourMs + 1, 2 * HourMs], Times(merged));
        Assert.Equal(1, _metrics!.Overlapping.Value);
        Assert.Equal(merged.Folder, Assert.Single(Directory.GetDirectories(_directory)));
    }

    [Fact]
    public void TidyBlocks_DamagedBlock_RestsWithItsNeighboursAndIsTriedAgainLater()
    {
        Write(0, 2, (1, 1));
        var damaged = Write(2, 4, (2 * HourMs, 1));
        Write(4, 6, (4 * HourMs, 1));
        Write(6, 8, (6 * HourMs, 1));
        var file = Path.Combine(_directory, damaged.ToString(), "chunks", "000001");
        var bytes = File.ReadAllBytes(file);
        bytes[^6] ^= 1;
        File.WriteAllBytes(file, bytes);

        var compactor = Open();
        for (var round = 0; round < 60; round++)
        {
            Assert.Null(compactor.TidyBlocks(default).Failure);
            Assert.Equal((4, 1), (_blocks!.Blocks.Count, _metrics!.Failed.Value));
        }

        bytes[^6] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Null(compactor.TidyBlocks(default).Failure);
        Assert.Equal([6, 8], _blocks!.Blocks.Select(block => block.EndMs / HourMs));
        Assert.Equal([1, 2 * HourMs, 4 * HourMs], Times(_blocks.Blocks[0]));
        Assert.Equal(2, Directory.GetDirectories(_directory).Length);
    }

    [Fact]
    public void TidyBlocks_BlockWithDeletions_IsWrittenWithoutThem()
    {
        var id = Write(0, 6, (1, 1), (HourMs, 2), (2 * HourMs, 3));
        Write(6, 8, (6 * HourMs, 1));
        Delete(id, HourMs - 1, HourMs + 1);
        var compactor = Open();
        Assert.Null(compactor.TidyBlocks(default).Failure);
        Assert.Equal([1, 2 * HourMs], Times(_blocks!.Blocks[0]));
        Assert.Equal([id], _blocks.Blocks[0].Meta.Compaction.Parents.Select(parent => parent.Id));
        Assert.False(Directory.Exists(Path.Combine(_directory, id.ToString())));
    }

    [Fact]
    public void TidyBlocks_NothingIsLeftOfABlock_GoesWithoutASuccessor()
    {
        var id = Write(0, 2, (1, 1));
        var newest = Write(2, 4, (2 * HourMs, 1));
        Delete(id, 0, HourMs);
        Assert.Null(Open().TidyBlocks(default).Failure);
        Assert.Equal(newest, Assert.Single(_blocks!.Blocks).Id);
        Assert.Single(Directory.GetDirectories(_directory));
    }

    [Fact]
    public void TidyBlocks_Cancelled_LeavesAllAsItWas()
    {
        Write(0, 2, (1, 1));
        Write(1, 3, (HourMs + 1, 3));
        Assert.Null(Open().TidyBlocks(new CancellationToken(canceled: true)).Failure);
        Assert.Equal((2, 0), (_blocks!.Blocks.Count, _metrics!.Failed.Value));
        Assert.Equal(2, Directory.GetDirectories(_directory).Length);
    }

    private Ulid Write(int fromHour, int toHour, params ReadOnlySpan<(long, double)> samples)
    {
        var id = Ulid.New(toHour * HourMs, _random);
        var input = new MemoryInput().Add("a", MemoryInput.Chunk(samples));
        Assert.NotNull(new BlockWriter(DiskFiles.Instance).Write(_directory, BlockHeader.OfHead(id, fromHour * HourMs, toHour * HourMs), input, default));
        return id;
    }

    private void Delete(Ulid id, long minMs, long maxMs)
    {
        var folder = Path.Combine(_directory, id.ToString());
        uint[] series;
        using (var block = Block.Open(folder))
        using (var reader = block.TryRead()!)
        {
            series = reader.Select([]);
        }

        var tombstones = new TombstonesFile();
        tombstones.Add(series[0], new DeletedRange(minMs, maxMs));
        File.Delete(Path.Combine(folder, TombstonesFile.FileName));
        tombstones.Write(DiskFiles.Instance, Path.Combine(folder, TombstonesFile.FileName));
        var path = Path.Combine(folder, BlockMetaFile.FileName);
        var meta = BlockMetaFile.Read(path);
        BlockMetaFile.Rewrite(DiskFiles.Instance, path, meta with { Stats = meta.Stats with { Tombstones = 1 } });
    }

    private Compactor Open()
    {
        _blocks = BlockFolder.Open(_directory);
        _metrics = new CompactionMetrics(new MetricsRegistry(), () => _blocks);
        return new Compactor(
            new StorageOptions(_directory), new HeadBlock(), _blocks, new BlockWriter(DiskFiles.Instance), _metrics, TimeProvider.System, NullLogger.Instance);
    }

    private static IEnumerable<long> Times(Block block)
    {
        return Assert.Single(ReadInput.All(new BlockInput(block))).Samples.Select(sample => sample.TimestampMs);
    }
}
