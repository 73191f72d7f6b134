namespace ScrapeCluster.Model.Metrics;

/// <summary>A number that goes up and down. Changing it takes no lock.</summary>
public sealed class Gauge : Metric
{
    private double _value;

    public double Value => Volatile.Read(ref _value);

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double amount) => AtomicDouble.Add(ref _value, amount);

    public void Inc() => Add(1);

    public void Dec() => Add(-1);

    internal override void Write(MetricsWriter writer, MetricFamily family, string labels)
    {
        writer.Sample(family.Name, "", labels, Value);
    }
}
