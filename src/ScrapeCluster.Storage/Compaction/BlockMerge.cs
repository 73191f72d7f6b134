using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// Several inputs as one: every series once, in order of labels, with the chunks of all of them (<see cref="ChunkMerge"/>). Holds one series of
/// each input at a time.
/// </summary>
/// <param name="inputs">Of samples at the same time the one of the later input stays.</param>
internal sealed class BlockMerge(IReadOnlyList<IBlockInput> inputs) : IBlockInput
{
    /// <summary>What the block is that these are merged into.</summary>
    public static BlockHeader HeaderOf(Ulid id, IReadOnlyList<BlockMeta> parents)
    {
        return new BlockHeader(
            id,
            parents.Min(parent => parent.MinMs),
            parents.Max(parent => parent.EndMs),
            parents.Max(parent => parent.Compaction.Level) + 1,
            [.. parents.SelectMany(parent => parent.Compaction.Sources).Distinct().Order()],
            [.. parents.Select(parent => new BlockParent(parent.Id, parent.MinMs, parent.EndMs))]);
    }

    public IBlockSource Open() => new MergedSource(inputs);
}
