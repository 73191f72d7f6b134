using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>
/// The times of a block. Those of meta.json are under no checksum, and what hangs on them is more than the block: a start passes over the log's samples before the
/// newest block's end, and retention counts from there. So they are believed when a second witness agrees: the parents of a merged block, which stand in
/// meta.json too; else an end on a border of two hours, as blocks of the head have it, no further than that behind the first series. Where none does, all series are asked.
/// </summary>
/// <param name="MinMs">First millisecond, included.</param>
/// <param name="EndMs">The end, not included.</param>
/// <param name="DataEndMs">No sample of the block stands here or later: what the log has from here on is in no block.</param>
/// <param name="Fault">What meta.json says wrongly; null when it may be believed.</param>
internal readonly record struct BlockTimes(long MinMs, long EndMs, long DataEndMs, string? Fault)
{
    /// <summary>A few reads of the index, whatever its size.</summary>
    private const int FirstSeries = 256;

    public static BlockTimes Of(BlockMeta meta, IndexReader index)
    {
        var told = new BlockTimes(meta.MinMs, meta.EndMs, meta.EndMs, null);
        if (ParentsAgree(meta) || Scan(index, FirstSeries) is not { } first || (IsOnBorder(meta) && IsNear(meta, first)))
        {
            return told;
        }

        return Scan(index, int.MaxValue) is { } all ? Compare(meta, all) : told;
    }

    private static BlockTimes Compare(BlockMeta meta, Span found)
    {
        var dataEndMs = found.MaxMs + 1;
        if (IsNear(meta, found))
        {
            // A block may end earlier than its range: only what the end hides in the log is looked at more closely.
            return new BlockTimes(meta.MinMs, meta.EndMs, IsOnBorder(meta) ? meta.EndMs : dataEndMs, null);
        }

        return new BlockTimes(found.MinMs, dataEndMs, dataEndMs,
            $"{BlockMetaFile.FileName} tells of the time from {meta.MinMs} until {meta.EndMs}, the block's samples are from {found.MinMs} to {found.MaxMs}: these count");
    }

    private static bool ParentsAgree(BlockMeta meta)
    {
        var parents = meta.Compaction.Parents;
        return parents.Count > 0 && parents.Min(parent => parent.MinMs) == meta.MinMs && parents.Max(parent => parent.EndMs) == meta.EndMs;
    }

    private static bool IsOnBorder(BlockMeta meta) => meta.EndMs % ChunkCut.RangeMs == 0;

    /// <summary>The samples lie in the range and reach, but for a range of the head, to both of its ends.</summary>
    private static bool IsNear(BlockMeta meta, Span found)
    {
        // The times of a damaged file may be any numbers.
        return found.MinMs >= meta.MinMs && found.MaxMs < meta.EndMs
            && (Int128)found.MinMs - meta.MinMs <= ChunkCut.RangeMs && (Int128)meta.EndMs - found.MaxMs <= ChunkCut.RangeMs;
    }

    /// <summary>First and last sample of the first series; null when they have none or cannot all be read, which queries tell.</summary>
    private static Span? Scan(IndexReader index, int maxSeries)
    {
        try
        {
            return ScanSeries(index, maxSeries);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Span? ScanSeries(IndexReader index, int maxSeries)
    {
        var toc = index.Toc;
        long[] behind = [toc.LabelIndices, toc.LabelIndexTable, toc.Postings, toc.PostingsTable, index.File.Length - IndexToc.Bytes];
        var end = behind.Where(at => at > toc.Series).DefaultIfEmpty(toc.Series).Min();
        using var scanner = new FileScanner(index.File, toc.Series, end);
        var entry = new SeriesEntry();
        var (minMs, maxMs) = (long.MaxValue, long.MinValue);
        for (var series = 0; series < maxSeries && TryBegin(scanner, end); series++)
        {
            var body = scanner.Text();
            var checksum = WalChecksum.Compute(body);
            if (!entry.TryDecode(body) || scanner.UInt32() != checksum)
            {
                return null;
            }

            foreach (var chunk in entry.Chunks)
            {
                minMs = Math.Min(minMs, chunk.MinMs);
                maxMs = Math.Max(maxMs, chunk.MaxMs);
            }
        }

        return minMs > maxMs ? null : new Span(minMs, maxMs);
    }

    /// <summary>Series begin at multiples of 16 bytes.</summary>
    private static bool TryBegin(FileScanner scanner, long end)
    {
        var rest = scanner.Position % SeriesEntry.Alignment;
        var padding = rest == 0 ? 0 : SeriesEntry.Alignment - rest;
        if (scanner.Position + padding >= end)
        {
            return false;
        }

        scanner.Skip(padding);
        return true;
    }

    /// <param name="MaxMs">Of the last sample.</param>
    private readonly record struct Span(long MinMs, long MaxMs);
}
