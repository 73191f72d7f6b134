using ScrapeCluster.Model;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>So many buckets one after the other, so far behind those before them.</summary>
internal readonly record struct BucketSpan(int Offset, uint Length);

/// <summary>One side of a native histogram.</summary>
/// <param name="Deltas">Of counts that are whole numbers: the first, then each against the one before it.</param>
/// <param name="Counts">Of counts that are not.</param>
internal readonly record struct HistogramBuckets(BucketSpan[] Spans, long[] Deltas, double[] Counts)
{
    public static readonly HistogramBuckets None = new([], [], []);
}

/// <summary>A native histogram as the messages of both versions have it (<c>Histogram</c> in prompb/types.proto).</summary>
internal sealed record NativeHistogram
{
    /// <summary>Counts are not whole numbers: <see cref="Count"/> and <see cref="ZeroCount"/> are doubles then, and buckets have counts in place of deltas.</summary>
    public bool IsFloat { get; init; }

    public double Count { get; init; }

    public double Sum { get; init; }

    public int Schema { get; init; }

    public double ZeroThreshold { get; init; }

    public double ZeroCount { get; init; }

    public HistogramBuckets Negative { get; init; } = HistogramBuckets.None;

    public HistogramBuckets Positive { get; init; } = HistogramBuckets.None;

    /// <summary>0 unknown, 1 reset, 2 none, 3 gauge.</summary>
    public byte ResetHint { get; init; }

    /// <summary>The bounds of custom buckets (schema -53), which 1.0 has no place for.</summary>
    public double[] CustomValues { get; init; } = [];
}

/// <summary>A histogram on its way to a receiver.</summary>
internal readonly record struct PendingHistogram(StoredLabels Series, long TimestampMs, NativeHistogram Histogram);

/// <summary>An exemplar on its way to a receiver. Its own labels hardly ever come again, so no store keeps them.</summary>
internal readonly record struct PendingExemplar(StoredLabels Series, Labels Labels, double Value, long TimestampMs);
