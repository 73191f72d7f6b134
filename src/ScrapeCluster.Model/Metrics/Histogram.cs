namespace ScrapeCluster.Model.Metrics;

/// <summary>Classic buckets. Observing takes no lock, so a concurrent reader may see a sample in a bucket before it is in the sum.</summary>
public sealed class Histogram : Metric
{
    /// <summary>The default bounds of Prometheus's clients, in seconds.</summary>
    public static readonly IReadOnlyList<double> DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly double[] _bounds;
    private readonly string[] _boundTexts;
    private readonly long[] _counts;
    private double _sum;

    internal Histogram(double[] bounds)
    {
        _bounds = bounds;
        _boundTexts = [.. bounds.Select(MetricsWriter.BoundText), "+Inf"];
        _counts = new long[bounds.Length + 1];
    }

    public double Sum => Volatile.Read(ref _sum);

    public long Count
    {
        get
        {
            var total = 0L;
            for (var i = 0; i < _counts.Length; i++)
            {
                total += Interlocked.Read(ref _counts[i]);
            }

            return total;
        }
    }

    public void Observe(double value)
    {
        var index = 0;
        // Negated, so that a NaN goes to the last bucket.
        while (index < _bounds.Length && !(value <= _bounds[index]))
        {
            index++;
        }

        Interlocked.Increment(ref _counts[index]);
        AtomicDouble.Add(ref _sum, value);
    }

    internal override void Write(MetricsWriter writer, MetricFamily family, string labels)
    {
        var total = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            total += Interlocked.Read(ref _counts[i]);
            writer.Sample(family.Name, "_bucket", labels, "le", _boundTexts[i], total);
        }

        writer.Sample(family.Name, "_sum", labels, Sum);
        writer.Sample(family.Name, "_count", labels, total);
    }
}
