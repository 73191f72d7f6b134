using System.Collections.Concurrent;
using System.Text;

namespace ScrapeCluster.Model.Metrics;

/// <summary>All children of one metric name.</summary>
public abstract class MetricFamily
{
    private protected MetricFamily(MetricType type, string name, string help, IReadOnlyList<string> labelNames)
    {
        Type = type;
        Name = name;
        Help = help;
        LabelNames = labelNames;
    }

    public MetricType Type { get; }

    public string Name { get; }

    public string Help { get; }

    public IReadOnlyList<string> LabelNames { get; }

    internal abstract void WriteSamples(MetricsWriter writer);

    /// <summary>The pairs as they stand between the braces; also the key of a child.</summary>
    internal string Render(ReadOnlySpan<string> labelValues)
    {
        if (labelValues.Length != LabelNames.Count)
        {
            throw new ArgumentException($"Metric {Name} has {LabelNames.Count} labels, {labelValues.Length} values were given.", nameof(labelValues));
        }

        if (labelValues.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        for (var i = 0; i < labelValues.Length; i++)
        {
            text.Append(i > 0 ? "," : "").Append(LabelNames[i]).Append("=\"");
            MetricsWriter.AppendEscaped(text, labelValues[i], quotes: true);
            text.Append('"');
        }

        return text.ToString();
    }
}

/// <summary>
/// A family whose children are made on first use. <see cref="With"/> renders its labels on every call: keep the child where
/// it is used often.
/// </summary>
public sealed class MetricFamily<TMetric> : MetricFamily
    where TMetric : Metric
{
    private readonly ConcurrentDictionary<string, TMetric> _children = new(StringComparer.Ordinal);
    private readonly Func<TMetric> _create;

    internal MetricFamily(MetricType type, string name, string help, IReadOnlyList<string> labelNames, Func<TMetric> create)
        : base(type, name, help, labelNames)
    {
        _create = create;
    }

    public TMetric With(params ReadOnlySpan<string> labelValues)
    {
        return _children.GetOrAdd(Render(labelValues), static (_, create) => create(), _create);
    }

    /// <summary>Takes a child off the page, for example when its pool is gone. True when there was one.</summary>
    public bool Remove(params ReadOnlySpan<string> labelValues) => _children.TryRemove(Render(labelValues), out _);

    internal override void WriteSamples(MetricsWriter writer)
    {
        foreach (var (labels, metric) in _children.OrderBy(child => child.Key, StringComparer.Ordinal))
        {
            metric.Write(writer, this, labels);
        }
    }
}
