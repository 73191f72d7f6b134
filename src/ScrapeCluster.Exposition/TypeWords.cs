using ScrapeCluster.Model;

namespace ScrapeCluster.Exposition;

/// <summary>The words of TYPE lines.</summary>
internal static class TypeWords
{
    public static bool TryText(ReadOnlySpan<byte> word, out MetricType type)
    {
        type = MetricType.Unknown;
        return word.SequenceEqual("untyped"u8) || TryCommon(word, out type);
    }

    public static bool TryOpenMetrics(ReadOnlySpan<byte> word, out MetricType type)
    {
        if (TryCommon(word, out type))
        {
            return true;
        }

        type = word switch
        {
            _ when word.SequenceEqual("gaugehistogram"u8) => MetricType.GaugeHistogram,
            _ when word.SequenceEqual("info"u8) => MetricType.Info,
            _ when word.SequenceEqual("stateset"u8) => MetricType.StateSet,
            _ => MetricType.Unknown,
        };
        return type != MetricType.Unknown || word.SequenceEqual("unknown"u8);
    }

    private static bool TryCommon(ReadOnlySpan<byte> word, out MetricType type)
    {
        type = word switch
        {
            _ when word.SequenceEqual("counter"u8) => MetricType.Counter,
            _ when word.SequenceEqual("gauge"u8) => MetricType.Gauge,
            _ when word.SequenceEqual("histogram"u8) => MetricType.Histogram,
            _ when word.SequenceEqual("summary"u8) => MetricType.Summary,
            _ => MetricType.Unknown,
        };
        return type != MetricType.Unknown;
    }
}
