using System.Runtime.InteropServices;

namespace ScrapeCluster.Model.Metrics;

/// <summary>
/// Counts in buckets whose bounds grow by 0.1 %, so a quantile is right within 0.05 % of its value whatever the number of
/// observations (the idea of DDSketch, https://arxiv.org/abs/1908.10693). Not safe for concurrent use.
/// </summary>
internal sealed class QuantileSketch
{
    private const double Growth = 1.001;
    private const int ZeroBucket = int.MinValue;
    private static readonly double LogGrowth = Math.Log(Growth);

    private readonly Dictionary<int, long> _buckets = [];

    public void Clear() => _buckets.Clear();

    public void Add(double value)
    {
        // NaN and what is not positive count as zero.
        var bucket = value > 0 ? (int)Math.Ceiling(Math.Log(value) / LogGrowth) : ZeroBucket;
        CollectionsMarshal.GetValueRefOrAddDefault(_buckets, bucket, out _)++;
    }

    /// <summary>The values at the given ranks over all sketches together; <paramref name="quantiles"/> ascending.</summary>
    public static double[] Quantiles(ReadOnlySpan<QuantileSketch> sketches, ReadOnlySpan<double> quantiles)
    {
        var merged = new SortedDictionary<int, long>();
        var total = 0L;
        foreach (var sketch in sketches)
        {
            foreach (var (bucket, count) in sketch._buckets)
            {
                merged[bucket] = merged.GetValueOrDefault(bucket) + count;
                total += count;
            }
        }

        var values = new double[quantiles.Length];
        Array.Fill(values, double.NaN);
        var seen = 0L;
        var at = 0;
        foreach (var (bucket, count) in merged)
        {
            seen += count;
            while (at < values.Length && seen >= Math.Max(1, Math.Ceiling(quantiles[at] * total)))
            {
                values[at++] = Middle(bucket);
            }
        }

        return values;
    }

    private static double Middle(int bucket)
    {
        return bucket == ZeroBucket ? 0 : 2 * Math.Exp(bucket * LogGrowth) / (Growth + 1);
    }
}
