using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Storage.Offline;

/// <summary>What makes a block, or the head, as large as it is. Lists are by falling count, then by name.</summary>
/// <param name="Block">ULID, or <c>head</c>.</param>
/// <param name="MinMs">First millisecond of the range, included.</param>
/// <param name="EndMs">Its end, not included.</param>
/// <param name="PairEntries">Labels of all series together.</param>
/// <param name="ChunkBytes">Of a block its chunk files; of the head the bytes that its samples would take there.</param>
/// <param name="IndexBytes">0 for the head.</param>
/// <param name="ChurningPairs">By how many series' worth of time the series with the pair do not cover of the range.</param>
/// <param name="ValueBytesByName">Bytes of all values of a label together.</param>
public sealed record Analysis(
    string Block,
    long MinMs,
    long EndMs,
    long Series,
    long Samples,
    long Chunks,
    long ChunkBytes,
    long IndexBytes,
    int LabelNames,
    int LabelPairs,
    long PairEntries,
    IReadOnlyList<RankedCount> ChurningPairs,
    IReadOnlyList<RankedCount> ChurningNames,
    IReadOnlyList<RankedCount> SeriesByPair,
    IReadOnlyList<RankedCount> ValueBytesByName,
    IReadOnlyList<RankedCount> ValuesByName,
    IReadOnlyList<RankedCount> SeriesByMetric)
{
    public const string Head = "head";

    /// <summary>Null where there is no sample.</summary>
    public double? BytesPerSample => Samples == 0 ? null : (double)(ChunkBytes + IndexBytes) / Samples;

    /// <summary>Of the block with the ULID, of the last one for null; null when there is no such block.</summary>
    /// <param name="limit">Entries in a list.</param>
    /// <exception cref="IOException">The block is damaged or cannot be read.</exception>
    public static Analysis? OfBlock(DataDirectory directory, string? block, int limit, CancellationToken cancellation) =>
        DataDirectory.LookAgain(() => Read(directory, block, limit, cancellation));

    /// <summary>Of what is in the log and in the chunk files; null when that is nothing.</summary>
    public static Analysis? OfHead(OfflineStorage storage, int limit, CancellationToken cancellation)
    {
        var (minMs, maxMs) = (storage.Query.Stats.MinTimeMs, storage.Query.Stats.MaxTimeMs);
        if (minMs > maxMs)
        {
            return null;
        }

        var counts = new LabelCounts(maxMs + 1 - minMs);
        var texts = new TextNumbers();
        var (samples, chunks, bytes) = (0L, 0L, 0L);
        using var series = HeadSelection.Open(storage.Head, new Selection([]), maxSeries: 0);
        while (series.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var chunk in series.Chunks)
            {
                chunks++;
                samples += XorChunk.CountOf(chunk.Data.Span);
                bytes += chunk.Data.Length;
            }

            if (series.Chunks is [var first, ..] all)
            {
                counts.Add(texts.Of(series.Labels), first.MinMs, all[^1].MaxMs);
            }
        }

        return counts.ToAnalysis(Head, minMs, new BlockStats(samples, counts.Series, chunks, 0), bytes, 0, texts.Get, limit);
    }

    private static Analysis? Read(DataDirectory directory, string? block, int limit, CancellationToken cancellation)
    {
        using var folder = directory.OpenBlocks();
        if (block is not null && folder.Bad.FirstOrDefault(bad => IsNamed(bad.Folder, block)) is { } broken)
        {
            throw new IOException($"{broken.Folder} cannot be opened as a block: {broken.Reason}");
        }

        var found = block is null ? folder.Blocks.LastOrDefault() : folder.Blocks.FirstOrDefault(one => IsNamed(one.Folder, block));
        return found is null ? null : OfBlock(found, limit, cancellation);
    }

    private static Analysis OfBlock(Block block, int limit, CancellationToken cancellation)
    {
        using var reader = block.TryRead() ?? throw new IOException($"{block.Folder} was closed");
        var counts = new LabelCounts(block.EndMs - block.MinMs);
        foreach (var series in reader.Select([]))
        {
            cancellation.ThrowIfCancellationRequested();
            reader.Read(series);
            if (reader.Chunks is [var first, ..] chunks)
            {
                counts.Add(reader.LabelSymbols, first.MinMs, chunks[^1].MaxMs);
            }
        }

        var chunkBytes = DataDirectory.BytesOf(Path.Combine(block.Folder, ChunkSegment.FolderName));
        var indexBytes = new FileInfo(Path.Combine(block.Folder, IndexReader.FileName)).Length;
        return counts.ToAnalysis(block.Id.ToString(), block.MinMs, block.Meta.Stats, chunkBytes, indexBytes, reader.Symbol, limit);
    }

    private static bool IsNamed(string folder, string block) => Path.GetFileName(folder).Equals(block, StringComparison.OrdinalIgnoreCase);
}
