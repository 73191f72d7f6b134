using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>Why a block goes.</summary>
internal enum BlockSurplus
{
    /// <summary>It is marked: all of its samples were deleted.</summary>
    Deleted,

    TooOld,

    /// <summary>The directory is above its size.</summary>
    TooMuch,
}

/// <param name="Bytes">Of all its files.</param>
internal readonly record struct SizedBlock(BlockMeta Meta, long Bytes);

/// <summary>Which blocks go, as in Prometheus 2.42 (tsdb/db.go): what is marked, then what is too old, then the oldest until the rest fits.</summary>
internal static class RetentionRule
{
    /// <param name="retention">Measured between the ends of blocks, from the newest. Zero = no limit.</param>
    /// <param name="limitBytes">For blocks, log and chunk files together. Zero = no limit.</param>
    /// <param name="headBytes">Of log and chunk files.</param>
    /// <returns>In the order in which to delete them: at any moment what is left is the newest, without a gap.</returns>
    public static IReadOnlyList<(Ulid Block, BlockSurplus Reason)> Surplus(
        IReadOnlyList<SizedBlock> blocks, TimeSpan retention, long limitBytes, long headBytes)
    {
        var oldestFirst = blocks.OrderBy(block => block.Meta.EndMs).ThenBy(block => block.Meta.Id).ToList();
        var surplus = new List<(Ulid, BlockSurplus)>();
        surplus.AddRange(oldestFirst.Where(block => block.Meta.Compaction.IsDeletable).Select(block => (block.Meta.Id, BlockSurplus.Deleted)));
        var kept = oldestFirst.Where(block => !block.Meta.Compaction.IsDeletable).ToList();
        var tooOld = TooOld(kept, retention);
        surplus.AddRange(kept.Take(tooOld).Select(block => (block.Meta.Id, BlockSurplus.TooOld)));
        var tooMuch = TooMuch(kept, limitBytes, headBytes);
        surplus.AddRange(kept.Take(tooMuch).Skip(tooOld).Select(block => (block.Meta.Id, BlockSurplus.TooMuch)));
        return surplus;
    }

    /// <summary>How many of the oldest ended longer before the newest than samples are kept.</summary>
    private static int TooOld(List<SizedBlock> oldestFirst, TimeSpan retention)
    {
        if (retention <= TimeSpan.Zero || oldestFirst.Count == 0)
        {
            return 0;
        }

        var newestMs = oldestFirst[^1].Meta.EndMs;
        return oldestFirst.TakeWhile(block => newestMs - block.Meta.EndMs > retention.TotalMilliseconds).Count();
    }

    /// <summary>How many of the oldest do not fit, with the head and those behind them, into the limit.</summary>
    private static int TooMuch(List<SizedBlock> oldestFirst, long limitBytes, long headBytes)
    {
        var bytes = headBytes;
        var fitting = limitBytes <= 0 ? oldestFirst.Count : 0;
        for (; fitting < oldestFirst.Count; fitting++)
        {
            bytes += oldestFirst[^(fitting + 1)].Bytes;
            if (bytes > limitBytes)
            {
                break;
            }
        }

        return oldestFirst.Count - fitting;
    }
}
