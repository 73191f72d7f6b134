namespace ScrapeCluster.Storage.Chunks;

/// <summary>
/// When a float chunk ends (Prometheus tsdb/head_append.go): at a border of the two-hour range, at the even spread predicted
/// after a quarter of the samples, at twice the aim, or before it could outgrow its size.
/// </summary>
internal static class ChunkCut
{
    public const int AimedSamples = 120;
    public const int MaxSamples = 2 * AimedSamples;
    public const int PredictAtSamples = AimedSamples / 4;

    /// <summary>1,024 bytes less the longest sample (19) and the count in front (2).</summary>
    public const int MaxBits = (1024 - 19 - 2) * 8;

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
