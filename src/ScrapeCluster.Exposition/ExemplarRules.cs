using ScrapeCluster.Model;

namespace ScrapeCluster.Exposition;

/// <summary>
/// Where OpenMetrics forbids an exemplar and no client writes one, so that it is a sign of a broken page. Looser than the specification, as Prometheus 3
/// is: gauges, counts and summaries may carry one (the Java client's `exemplarsOnAllMetricTypes`).
/// </summary>
internal static class ExemplarRules
{
    /// <param name="type">Type of the last TYPE line.</param>
    /// <param name="family">The name it gave.</param>
    /// <param name="series">The series that carries the exemplar; rules apply when it belongs to the family.</param>
    public static bool Allows(MetricType type, ReadOnlySpan<byte> family, ReadOnlySpan<byte> series)
    {
        var name = series[..ExpositionText.MetricNameLength(series)];
        if (family.IsEmpty || !name.StartsWith(family))
        {
            return true;
        }

        var suffix = name[family.Length..];
        return type switch
        {
            MetricType.Info => !suffix.SequenceEqual("_info"u8),
            MetricType.StateSet => !suffix.IsEmpty,
            MetricType.Counter or MetricType.Histogram or MetricType.GaugeHistogram =>
                !suffix.SequenceEqual("_sum"u8) && !suffix.SequenceEqual("_gsum"u8) && !suffix.SequenceEqual("_created"u8),
            _ => true,
        };
    }
}
