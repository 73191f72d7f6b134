namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>Writes native histograms as both versions have them; only the field of the time series differs.</summary>
internal sealed class HistogramWriter
{
    private readonly MessageBuffer _histogram = new();
    private readonly MessageBuffer _span = new();

    /// <summary>Adds the histogram as a field of a time series. What is 0 and has no other form is left out.</summary>
    public void Write(MessageBuffer series, int field, NativeHistogram histogram, long timestampMs)
    {
        _histogram.Clear();
        WriteCount(histogram.IsFloat, 1, histogram.Count);
        WriteDouble(3, histogram.Sum);
        if (histogram.Schema != 0)
        {
            _histogram.Signed(4, histogram.Schema);
        }

        WriteDouble(5, histogram.ZeroThreshold);
        WriteCount(histogram.IsFloat, 6, histogram.ZeroCount);
        WriteBuckets(8, histogram.Negative);
        WriteBuckets(11, histogram.Positive);
        if (histogram.ResetHint != 0)
        {
            _histogram.Varint(14, histogram.ResetHint);
        }

        _histogram.Varint(15, (ulong)timestampMs);
        _histogram.PackedDoubles(16, histogram.CustomValues);
        series.Bytes(field, _histogram.Written);
    }

    /// <summary>A whole number stands under <paramref name="field"/>, another one under the next. One of both always does, since that says which kind it is.</summary>
    private void WriteCount(bool isFloat, int field, double count)
    {
        if (isFloat)
        {
            _histogram.Double(field + 1, count);
        }
        else
        {
            _histogram.Varint(field, (ulong)count);
        }
    }

    private void WriteDouble(int field, double value)
    {
        if (BitConverter.DoubleToUInt64Bits(value) != 0)
        {
            _histogram.Double(field, value);
        }
    }

    /// <summary>Spans under the first field, deltas and counts under the next two.</summary>
    private void WriteBuckets(int field, HistogramBuckets buckets)
    {
        foreach (var span in buckets.Spans)
        {
            _span.Clear();
            _span.Signed(1, span.Offset);
            _span.Varint(2, span.Length);
            _histogram.Bytes(field, _span.Written);
        }

        _histogram.PackedSigned(field + 1, buckets.Deltas);
        _histogram.PackedDoubles(field + 2, buckets.Counts);
    }
}
