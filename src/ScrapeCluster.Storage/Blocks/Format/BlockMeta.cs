namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>What <c>meta.json</c> of a block says (<see cref="BlockMetaFile"/>).</summary>
/// <param name="MinMs">First millisecond of the block's range, included (<c>minTime</c>).</param>
/// <param name="EndMs">The end of its range, not included (<c>maxTime</c>).</param>
internal sealed record BlockMeta(Ulid Id, long MinMs, long EndMs, BlockStats Stats, BlockCompaction Compaction);

/// <summary>Stock leaves out what is 0.</summary>
internal sealed record BlockStats(long Samples, long Series, long Chunks, long Tombstones);

/// <param name="Level">1 for a block of the head, else how often it was merged, plus one.</param>
/// <param name="Sources">Blocks of level 1 whose samples are in this one; of such a block itself.</param>
/// <param name="Parents">The blocks that were merged into this one.</param>
/// <param name="IsDeletable">All of its samples were deleted: it goes with the next compaction.</param>
/// <param name="HasFailed">A compaction of it failed: it is not planned again.</param>
/// <param name="Hints">Texts for planners, such as <c>from-out-of-order</c>.</param>
internal sealed record BlockCompaction(
    int Level, IReadOnlyList<Ulid> Sources, IReadOnlyList<BlockParent> Parents, bool IsDeletable, bool HasFailed, IReadOnlyList<string> Hints);

/// <summary>A block that was merged into another. Times as in <see cref="BlockMeta"/>.</summary>
internal sealed record BlockParent(Ulid Id, long MinMs, long EndMs);
