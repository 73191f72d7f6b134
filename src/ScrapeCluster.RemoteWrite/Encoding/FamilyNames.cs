using ScrapeCluster.Model;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>
/// Which endings the series of a metric family have (OpenMetrics 1.0, "Suffixes"; the text format has those of histograms and summaries):
/// what a target says of <c>rpc_seconds</c> holds for <c>rpc_seconds_bucket</c>.
/// </summary>
internal static class FamilyNames
{
    private static readonly (byte[] Suffix, MetricType[] Types)[] Endings =
    [
        ("_total"u8.ToArray(), [MetricType.Counter]),
        ("_created"u8.ToArray(), [MetricType.Counter, MetricType.Histogram, MetricType.Summary, MetricType.GaugeHistogram]),
        ("_bucket"u8.ToArray(), [MetricType.Histogram, MetricType.GaugeHistogram]),
        ("_sum"u8.ToArray(), [MetricType.Histogram, MetricType.Summary]),
        ("_count"u8.ToArray(), [MetricType.Histogram, MetricType.Summary]),
        ("_gsum"u8.ToArray(), [MetricType.GaugeHistogram]),
        ("_gcount"u8.ToArray(), [MetricType.GaugeHistogram]),
        ("_info"u8.ToArray(), [MetricType.Info]),
    ];

    /// <summary>The family's name when the ending is one that some family's series have.</summary>
    public static bool TryStrip(ReadOnlySpan<byte> metric, out ReadOnlySpan<byte> family, out ReadOnlySpan<MetricType> types)
    {
        foreach (var (suffix, having) in Endings)
        {
            if (metric.Length > suffix.Length && metric.EndsWith(suffix))
            {
                family = metric[..^suffix.Length];
                types = having;
                return true;
            }
        }

        family = default;
        types = default;
        return false;
    }
}
