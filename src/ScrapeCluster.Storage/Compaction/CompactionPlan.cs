using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// Which blocks are merged next. In this order, as Prometheus 2.42 plans (tsdb/compact.go):
/// 1. Blocks that overlap.
/// 2. Blocks that lie in one aligned range, shortest ranges first, when they fill it or a younger block shows that nothing more will come into it.
/// 3. A single block with many deletions.
/// The newest block is left alone but for 1, so that whoever copies new blocks away has one range of time to do so. Blocks whose merge has failed
/// are left alone in all three.
/// </summary>
internal static class CompactionPlan
{
    /// <summary>Deletions for each series from which on a block is written again.</summary>
    private const double ManyDeletions = 0.05;

    /// <param name="blocks">All blocks, in any order.</param>
    /// <param name="ranges">See <see cref="BlockRanges"/>.</param>
    /// <returns>What to merge into one block, in order of time; empty when nothing is to do.</returns>
    public static IReadOnlyList<BlockMeta> Next(IEnumerable<BlockMeta> blocks, IReadOnlyList<long> ranges)
    {
        List<BlockMeta> byTime = [.. blocks.OrderBy(block => block.MinMs).ThenBy(block => block.Id)];
        if (Overlapping(byTime) is { Count: > 0 } overlapping)
        {
            return overlapping;
        }

        if (byTime.Count < 2)
        {
            return [];
        }

        byTime.RemoveAt(byTime.Count - 1);
        return FillingRange(byTime, ranges) ?? WithDeletions(byTime, ranges);
    }

    /// <param name="byTime">In order of time.</param>
    public static bool Overlap(IEnumerable<BlockMeta> byTime)
    {
        var endMs = long.MinValue;
        foreach (var block in byTime)
        {
            if (block.MinMs < endMs)
            {
                return true;
            }

            endMs = Math.Max(endMs, block.EndMs);
        }

        return false;
    }

    /// <summary>The first run of blocks each of which begins before one earlier in the run has ended.</summary>
    private static List<BlockMeta> Overlapping(List<BlockMeta> byTime)
    {
        var run = new List<BlockMeta>();
        var endMs = long.MinValue;
        foreach (var block in byTime.Where(block => !block.Compaction.HasFailed))
        {
            if (block.MinMs >= endMs)
            {
                if (run.Count > 1)
                {
                    break;
                }

                run.Clear();
            }

            run.Add(block);
            endMs = Math.Max(endMs, block.EndMs);
        }

        return run.Count > 1 ? run : [];
    }

    private static List<BlockMeta>? FillingRange(List<BlockMeta> byTime, IReadOnlyList<long> ranges)
    {
        var newestMs = byTime[^1].MinMs;
        foreach (var rangeMs in ranges.Skip(1))
        {
            foreach (var group in GroupedBy(rangeMs, byTime))
            {
                var endMs = group.Max(block => block.EndMs);
                var isComplete = endMs - group[0].MinMs == rangeMs || endMs <= newestMs;
                if (isComplete && group.Count > 1 && !group.Exists(block => block.Compaction.HasFailed))
                {
                    return group;
                }
            }
        }

        return null;
    }

    /// <summary>Blocks by the aligned range that they lie in; those that reach beyond one belong to none.</summary>
    private static IEnumerable<List<BlockMeta>> GroupedBy(long rangeMs, List<BlockMeta> byTime)
    {
        return byTime
            .Select(block => (Block: block, StartMs: RangeStart(block.MinMs, rangeMs)))
            .Where(placed => placed.Block.EndMs - placed.StartMs <= rangeMs)
            .GroupBy(placed => placed.StartMs, placed => placed.Block)
            .Select(group => group.ToList());
    }

    private static long RangeStart(long timestampMs, long rangeMs)
    {
        var rest = timestampMs % rangeMs;
        return timestampMs - (rest < 0 ? rest + rangeMs : rest);
    }

    /// <summary>Large blocks are worth it from some deletions on, small ones, which are soon merged anyway, only when nothing is left of them.</summary>
    private static List<BlockMeta> WithDeletions(List<BlockMeta> byTime, IReadOnlyList<long> ranges)
    {
        var largeMs = ranges[ranges.Count / 2];
        var found = byTime.FindLast(block =>
        {
            var (series, deletions) = (block.Stats.Series, block.Stats.Tombstones);
            var isDue = block.EndMs - block.MinMs >= largeMs ? deletions > (series + 1) * ManyDeletions : deletions > 0 && deletions >= series;
            return isDue && !block.Compaction.HasFailed;
        });
        return found is null ? [] : [found];
    }
}
