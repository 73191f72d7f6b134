using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Blocks;

/// <summary>A data directory that goes with the test, and the short ways to fill it with blocks.</summary>
public abstract class BlockTestBase : IDisposable
{
    protected string DataFolder { get; } = Directory.CreateTempSubdirectory("blocks-").FullName;

    protected string FileIn(string name) => Path.Combine(DataFolder, name);

    public virtual void Dispose()
    {
        Directory.Delete(DataFolder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected static Ulid Id(int number) => Ulid.New(1_795_000_000_000 + number, new Random(number));

    private protected BlockMeta? Write(IBlockInput input, BlockHeader header, long maxSegmentBytes = ChunkSegment.MaxBytes)
    {
        return new BlockWriter(DiskFiles.Instance, maxSegmentBytes).Write(DataFolder, header, input, TestContext.Current.CancellationToken);
    }

    private protected Block WriteAndOpen(SeriesModel model, int number = 1, long maxSegmentBytes = ChunkSegment.MaxBytes)
    {
        var meta = Write(model, BlockHeader.OfHead(Id(number), model.MinMs, model.EndMs), maxSegmentBytes);
        Assert.NotNull(meta);
        return Block.Open(FileIn(meta.Id.ToString()));
    }
}
