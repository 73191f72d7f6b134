namespace ScrapeCluster.Model;

/// <summary>
/// Which series a metric family has, by their names: the family's own and those with the suffixes of its type. Rule: Prometheus scrape/scrape.go, before
/// it writes metadata of a series.
/// </summary>
public static class FamilyRule
{
    /// <param name="metric">Name of a series.</param>
    public static bool Includes(ReadOnlySpan<byte> family, MetricType type, ReadOnlySpan<byte> metric)
    {
        if (!metric.StartsWith(family))
        {
            return false;
        }

        var suffix = metric[family.Length..];
        return suffix.IsEmpty || type switch
        {
            MetricType.Counter => suffix.SequenceEqual("_total"u8) && !family.EndsWith("_total"u8),
            MetricType.Info => suffix.SequenceEqual("_info"u8) && !family.EndsWith("_info"u8),
            MetricType.Histogram => suffix.SequenceEqual("_bucket"u8) || suffix.SequenceEqual("_sum"u8) || suffix.SequenceEqual("_count"u8),
            MetricType.GaugeHistogram => suffix.SequenceEqual("_bucket"u8) || suffix.SequenceEqual("_gsum"u8) || suffix.SequenceEqual("_gcount"u8),
            MetricType.Summary => suffix.SequenceEqual("_sum"u8) || suffix.SequenceEqual("_count"u8),
            _ => false,
        };
    }
}
