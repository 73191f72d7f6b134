namespace ScrapeCluster.Model.Metrics;

/// <summary>A number that only grows. Adding takes no lock.</summary>
public sealed class Counter : Metric
{
    private long _whole;
    private double _fraction;

    public double Value => Interlocked.Read(ref _whole) + Volatile.Read(ref _fraction);

    public void Inc() => Interlocked.Increment(ref _whole);

    public void Add(long amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        Interlocked.Add(ref _whole, amount);
    }

    public void Add(double amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        AtomicDouble.Add(ref _fraction, amount);
    }

    internal override void Write(MetricsWriter writer, MetricFamily family, string labels)
    {
        writer.Sample(family.Name, "", labels, Value);
    }
}
