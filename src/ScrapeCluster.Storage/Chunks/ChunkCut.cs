namespace ScrapeCluster.Storage.Chunks;

/// <summary>
/// When a float chunk ends (tsdb/head_append.go of Prometheus 2.42): at a border of the two-hour range, at the even spread predicted after a quarter of the
/// samples, or at twice the aim. Newer versions also cut before 1,024 bytes, which 120 noisy fractions exceed; that costs those series more chunks and gains
/// nothing here. Nobody who reads depends on it: a chunk says its length, in <c>chunks_head</c> and in blocks.
/// </summary>
internal static class ChunkCut
{
    public const int AimedSamples = 120;
    public const int MaxSamples = 2 * AimedSamples;
    public const int PredictAtSamples = AimedSamples / 4;

    /// <summary>
    /// More than <see cref="MaxSamples"/> take, the two bytes of the count included: 18 bytes for the first, 20 for the second, and for others at most 68 bits of
    /// time and 77 of value. <see cref="ChunkRef"/> holds up to 8,191.
    /// </summary>
    public const int MaxBytes = 2 + 18 + 20 + ((MaxSamples - 2) * 19);

    public static readonly long RangeMs = (long)TimeSpan.FromHours(2).TotalMilliseconds;

    /// <summary>The border after <paramref name="timestampMs"/>.</summary>
    public static long RangeEnd(long timestampMs)
    {
        // Division rounds towards zero, also for times before 1970, as Prometheus does.
        var start = timestampMs / RangeMs * RangeMs;
        return start > long.MaxValue - RangeMs ? long.MaxValue : start + RangeMs;
    }

    /// <summary>With a quarter of the samples between start and current, spreads what is left until the end over equal chunks.</summary>
    public static long PredictEnd(long startMs, long currentMs, long endMs)
    {
        var chunks = (endMs - startMs) / ((double)(currentMs - startMs + 1) * 4);
        return chunks <= 1 ? endMs : (long)(startMs + ((endMs - startMs) / Math.Floor(chunks)));
    }
}
