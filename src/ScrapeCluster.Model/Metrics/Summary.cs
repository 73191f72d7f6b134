namespace ScrapeCluster.Model.Metrics;

/// <summary>
/// Quantiles over the last ten minutes plus a total sum and count, as Prometheus's Go client keeps them
/// (five windows of two minutes, of which the oldest is dropped whole). For values that are not negative.
/// </summary>
public sealed class Summary : Metric
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(2);
    private const int Windows = 5;

    private readonly Lock _windowsLock = new();
    private readonly QuantileSketch[] _windows = [.. Enumerable.Range(0, Windows).Select(_ => new QuantileSketch())];
    private readonly double[] _quantiles;
    private readonly string[] _quantileTexts;
    private readonly TimeProvider _time;
    private readonly long _start;
    private long _current;
    private double _sum;
    private long _count;

    internal Summary(double[] quantiles, TimeProvider time)
    {
        _quantiles = quantiles;
        _quantileTexts = [.. quantiles.Select(MetricsWriter.BoundText)];
        _time = time;
        _start = time.GetTimestamp();
    }

    public long Count => Interlocked.Read(ref _count);

    public void Observe(double value)
    {
        lock (_windowsLock)
        {
            Rotate();
            _windows[_current % Windows].Add(value);
            _sum += value;
            _count++;
        }
    }

    /// <summary>The values at the summary's quantiles; NaN when the last ten minutes saw nothing.</summary>
    public double[] Quantiles()
    {
        lock (_windowsLock)
        {
            Rotate();
            return QuantileSketch.Quantiles(_windows, _quantiles);
        }
    }

    internal override void Write(MetricsWriter writer, MetricFamily family, string labels)
    {
        var values = Quantiles();
        for (var i = 0; i < values.Length; i++)
        {
            writer.Sample(family.Name, "", labels, "quantile", _quantileTexts[i], values[i]);
        }

        lock (_windowsLock)
        {
            writer.Sample(family.Name, "_sum", labels, _sum);
            writer.Sample(family.Name, "_count", labels, _count);
        }
    }

    private void Rotate()
    {
        var due = _time.GetElapsedTime(_start).Ticks / Window.Ticks;
        var steps = Math.Min(due - _current, Windows);
        for (var i = 0; i < steps; i++)
        {
            _windows[(due - i) % Windows].Clear();
        }

        _current = due;
    }
}
