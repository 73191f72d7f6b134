using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>Metas of blocks that exist on paper only.</summary>
internal sealed class PlannedBlocks
{
    public const long HourMs = 3_600_000;

    private readonly Random _random = new(1);

    public BlockMeta Of(
        double fromHours, double toHours, int level = 1, bool failed = false, bool deletable = false, long series = 100, long deletions = 0)
    {
        var id = Ulid.New((long)(toHours * HourMs) + 1_700_000_000_000, _random);
        return new BlockMeta(
            id,
            (long)Math.Round(fromHours * HourMs),
            (long)Math.Round(toHours * HourMs),
            new BlockStats(1000, series, 100, deletions),
            new BlockCompaction(level, [id], [], deletable, failed, []));
    }

    public static string Text(IEnumerable<BlockMeta> blocks)
    {
        return string.Join(" ", blocks.Select(block => $"{block.MinMs / (double)HourMs:0.##}-{block.EndMs / (double)HourMs:0.##}"));
    }
}
