using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Offline;

/// <param name="MinMs">First millisecond of the block's range, included.</param>
/// <param name="EndMs">The end of its range, not included.</param>
/// <param name="Bytes">All files together.</param>
/// <param name="Level">How often its samples were merged, plus one.</param>
/// <param name="Sources">How many blocks of level 1 are in it.</param>
public sealed record BlockListing(
    string Id, long MinMs, long EndMs, long Samples, long Chunks, long Series, long Tombstones, long Bytes, int Level, int Sources);

/// <summary>A folder named like a block that cannot be opened.</summary>
public sealed record BadBlockListing(string Id, string Reason);

/// <param name="Checkpoint">The last segment that the newest checkpoint stands for.</param>
public sealed record LogListing(int Segments, int? FirstSegment, int? LastSegment, long SegmentBytes, int? Checkpoint, long CheckpointBytes)
{
    /// <summary>Of the segments those up to the checkpoint, which stay for remote write alone.</summary>
    public int SegmentsForRemoteWrite { get; init; }

    public long BytesForRemoteWrite { get; init; }
}

public sealed record ChunkFilesListing(int Files, int? First, int? Last, long Bytes);

/// <summary>Float samples that are in no block yet; times are those of the first and of the last one.</summary>
/// <param name="Damages">Places in the log that could not be read.</param>
public sealed record HeadListing(long Samples, long? MinMs, long? MaxMs, int Damages);

/// <summary>What is in a data directory.</summary>
/// <param name="Blocks">By time.</param>
public sealed record DirectoryListing(
    string Path,
    string? Holder,
    IReadOnlyList<BlockListing> Blocks,
    IReadOnlyList<BadBlockListing> BadBlocks,
    LogListing Log,
    ChunkFilesListing ChunkFiles,
    HeadListing Head)
{
    /// <summary>Opens every block and reads the log from its beginning to its end, with a few kilobytes of memory.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static DirectoryListing Of(DataDirectory directory, CancellationToken cancellation) => DataDirectory.LookAgain(() => Read(directory, cancellation));

    private static DirectoryListing Read(DataDirectory directory, CancellationToken cancellation)
    {
        using var folder = directory.OpenBlocks();
        var writtenBeforeMs = folder.Blocks.Select(static block => block.EndMs).DefaultIfEmpty(long.MinValue).Max();
        return new DirectoryListing(
            directory.Path,
            directory.Holder,
            [.. folder.Blocks.Select(ListingOf)],
            [.. folder.Bad.Select(static bad => new BadBlockListing(System.IO.Path.GetFileName(bad.Folder), bad.Reason))],
            LogOf(directory.WalPath),
            ChunkFilesOf(directory.ChunksPath),
            HeadTimes.Of(directory, writtenBeforeMs, cancellation));
    }

    private static BlockListing ListingOf(Block block)
    {
        var (samples, series, chunks, tombstones) = block.Meta.Stats;
        var compaction = block.Meta.Compaction;
        return new BlockListing(
            block.Id.ToString(), block.MinMs, block.EndMs, samples, chunks, series, tombstones, block.Bytes, compaction.Level, compaction.Sources.Count);
    }

    private static LogListing LogOf(string path)
    {
        var segments = WalFormat.Segments(path);
        var checkpoint = WalFormat.LastCheckpoint(path);
        var old = segments.TakeWhile(segment => segment <= checkpoint).ToList();
        return new LogListing(
            segments.Count,
            segments.Count == 0 ? null : segments[0],
            segments.Count == 0 ? null : segments[^1],
            BytesOf(path, segments),
            checkpoint,
            checkpoint is { } last ? DataDirectory.BytesOf(WalFormat.CheckpointPath(path, last)) : 0)
        {
            SegmentsForRemoteWrite = old.Count,
            BytesForRemoteWrite = BytesOf(path, old),
        };
    }

    private static long BytesOf(string path, IEnumerable<int> segments) => segments.Sum(segment => new FileInfo(WalFormat.SegmentPath(path, segment)).Length);

    private static ChunkFilesListing ChunkFilesOf(string path)
    {
        var numbers = ChunkFileFormat.Numbers(path);
        return new ChunkFilesListing(
            numbers.Count,
            numbers.Count == 0 ? null : numbers[0],
            numbers.Count == 0 ? null : numbers[^1],
            numbers.Sum(number => new FileInfo(ChunkFileFormat.PathOf(path, number)).Length));
    }
}
