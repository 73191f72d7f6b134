using System.Buffers;
using System.Collections.Concurrent;

namespace ScrapeCluster.Model.Metrics;

/// <summary>
/// The node's own metrics. Asking twice for the same name gives the same family; another type or other labels under a known
/// name is a bug and throws.
/// </summary>
public sealed class MetricsRegistry(TimeProvider? time = null)
{
    /// <summary>The quantiles that Prometheus's own summaries of scraping have.</summary>
    public static readonly IReadOnlyList<double> ScrapeQuantiles = [0.01, 0.05, 0.5, 0.9, 0.99];

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public Counter Counter(string name, string help) => Counters(name, help).With();

    public MetricFamily<Counter> Counters(string name, string help, params string[] labelNames)
    {
        return Family(MetricType.Counter, name, help, labelNames, static () => new Counter());
    }

    public Gauge Gauge(string name, string help) => Gauges(name, help).With();

    public MetricFamily<Gauge> Gauges(string name, string help, params string[] labelNames)
    {
        return Family(MetricType.Gauge, name, help, labelNames, static () => new Gauge());
    }

    public Histogram Histogram(string name, string help, IReadOnlyList<double>? bounds = null) => Histograms(name, help, bounds).With();

    /// <param name="bounds">Upper bounds, ascending, without +Inf; null for <see cref="Histogram.DefaultBounds"/>.</param>
    public MetricFamily<Histogram> Histograms(string name, string help, IReadOnlyList<double>? bounds = null, params string[] labelNames)
    {
        double[] upper = [.. bounds ?? Metrics.Histogram.DefaultBounds];
        return Family(MetricType.Histogram, name, help, labelNames, () => new Histogram(upper));
    }

    public Summary Summary(string name, string help, IReadOnlyList<double>? quantiles = null) => Summaries(name, help, quantiles).With();

    /// <param name="quantiles">Ascending; null for <see cref="ScrapeQuantiles"/>.</param>
    public MetricFamily<Summary> Summaries(string name, string help, IReadOnlyList<double>? quantiles = null, params string[] labelNames)
    {
        double[] ranks = [.. quantiles ?? ScrapeQuantiles];
        return Family(MetricType.Summary, name, help, labelNames, () => new Summary(ranks, _time));
    }

    /// <summary>A gauge without labels that is read when the page is asked for.</summary>
    public void GaugeCallback(string name, string help, Func<double> read)
    {
        Callback(MetricType.Gauge, name, help, [], () => [new Observation(read())]);
    }

    /// <summary>A counter without labels that is read when the page is asked for.</summary>
    public void CounterCallback(string name, string help, Func<double> read)
    {
        Callback(MetricType.Counter, name, help, [], () => [new Observation(read())]);
    }

    /// <summary>A family of gauges or counters read when the page is asked for. A second callback of the same name takes the first one's place.</summary>
    public void Callback(MetricType type, string name, string help, string[] labelNames, Func<IEnumerable<Observation>> read)
    {
        _families[name] = new CallbackFamily(type, name, help, labelNames, read);
    }

    public void Write(IBufferWriter<byte> destination, MetricsFormat format = MetricsFormat.Text)
    {
        var writer = new MetricsWriter(destination, format);
        foreach (var (_, family) in _families.OrderBy(family => family.Key, StringComparer.Ordinal))
        {
            writer.Header(family);
            family.WriteSamples(writer);
        }

        writer.End();
    }

    private MetricFamily<TMetric> Family<TMetric>(MetricType type, string name, string help, string[] labelNames, Func<TMetric> create)
        where TMetric : Metric
    {
        var family = _families.GetOrAdd(name, _ => new MetricFamily<TMetric>(type, name, help, labelNames, create));
        return family is MetricFamily<TMetric> same && same.LabelNames.SequenceEqual(labelNames)
            ? same
            : throw new InvalidOperationException(
                $"Metric {name} is registered as {family.Type} with labels [{string.Join(", ", family.LabelNames)}]; it was asked for as {type} with labels [{string.Join(", ", labelNames)}].");
    }
}
