using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>What is known of a block before it is written.</summary>
/// <param name="MinMs">First millisecond of the block's range, included.</param>
/// <param name="EndMs">The end of its range, not included: <c>maxTime</c> of meta.json.</param>
/// <param name="Level">1 for a block of the head, else one more than the highest of its parents.</param>
/// <param name="Sources">The level-1 blocks whose samples are in it, sorted; for one of level 1 itself.</param>
/// <param name="Parents">The blocks that were merged into it; none for one of level 1.</param>
internal sealed record BlockHeader(Ulid Id, long MinMs, long EndMs, int Level, IReadOnlyList<Ulid> Sources, IReadOnlyList<BlockParent> Parents)
{
    public static BlockHeader OfHead(Ulid id, long minMs, long endMs) => new(id, minMs, endMs, 1, [id], []);
}
