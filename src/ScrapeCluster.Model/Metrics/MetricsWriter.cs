using System.Buffers;
using System.Globalization;
using System.Text;

namespace ScrapeCluster.Model.Metrics;

public enum MetricsFormat
{
    /// <summary>text/plain; version=0.0.4</summary>
    Text,

    /// <summary>application/openmetrics-text; version=1.0.0</summary>
    OpenMetrics,
}

/// <summary>Writes families as text. OpenMetrics differs in the names of counters, in escaped quotes of HELP and in the last line.</summary>
internal sealed class MetricsWriter(IBufferWriter<byte> destination, MetricsFormat format)
{
    private readonly StringBuilder _line = new();
    private string _counterSuffix = "";

    public void Header(MetricFamily family)
    {
        var name = family.Name;
        var openMetrics = format == MetricsFormat.OpenMetrics;
        _counterSuffix = "";
        if (openMetrics && family.Type == MetricType.Counter)
        {
            // A counter's family has no _total, its samples have.
            var hasSuffix = name.EndsWith("_total", StringComparison.Ordinal);
            _counterSuffix = hasSuffix ? "" : "_total";
            name = hasSuffix ? name[..^"_total".Length] : name;
        }

        _line.Append("# HELP ").Append(name).Append(' ');
        AppendEscaped(_line, family.Help, quotes: openMetrics);
        _line.Append("\n# TYPE ").Append(name).Append(' ').Append(TypeText(family.Type, openMetrics)).Append('\n');
        Flush();
    }

    public void Sample(string name, string suffix, string labels, double value)
    {
        _line.Append(name).Append(_counterSuffix).Append(suffix);
        if (labels.Length > 0)
        {
            _line.Append('{').Append(labels).Append('}');
        }

        _line.Append(' ').Append(Number(value)).Append('\n');
        Flush();
    }

    public void Sample(string name, string suffix, string labels, string extraName, string extraValue, double value)
    {
        _line.Append(name).Append(suffix).Append('{').Append(labels).Append(labels.Length > 0 ? "," : "");
        _line.Append(extraName).Append("=\"").Append(extraValue).Append("\"} ").Append(Number(value)).Append('\n');
        Flush();
    }

    public void End()
    {
        if (format == MetricsFormat.OpenMetrics)
        {
            _line.Append("# EOF\n");
            Flush();
        }
    }

    /// <summary>A bound or quantile as a label value. One spelling for both formats, so that a series keeps its identity.</summary>
    public static string BoundText(double bound) => Number(bound);

    public static void AppendEscaped(StringBuilder text, string value, bool quotes)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '"' when quotes => text.Append("\\\""),
                _ => text.Append(c),
            };
        }
    }

    private static string Number(double value)
    {
        return value switch
        {
            double.PositiveInfinity => "+Inf",
            double.NegativeInfinity => "-Inf",
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        };
    }

    private static string TypeText(MetricType type, bool openMetrics)
    {
        return type switch
        {
            MetricType.Counter => "counter",
            MetricType.Gauge => "gauge",
            MetricType.Histogram => "histogram",
            MetricType.Summary => "summary",
            _ => openMetrics ? "unknown" : "untyped",
        };
    }

    private void Flush()
    {
        foreach (var chunk in _line.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, destination);
        }

        _line.Clear();
    }
}
