using ScrapeCluster.Model;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>
/// Exemplars and native histograms of both versions: each a time series of its own, as Prometheus sends them; so no series has both samples and histograms, which
/// 2.0 forbids.
/// </summary>
/// <param name="exemplarsField">Their number in a time series of the version, as <paramref name="histogramsField"/>.</param>
internal abstract class RareShapes(int exemplarsField, int histogramsField)
{
    private readonly HistogramWriter _histograms = new();
    private readonly MessageBuffer _exemplar = new();
    private readonly MessageBuffer _content = new();

    /// <summary>Writes them behind what the message has already; returns where they end.</summary>
    protected int WriteRare(ReadOnlySpan<PendingExemplar> exemplars, ReadOnlySpan<PendingHistogram> histograms, int at)
    {
        foreach (ref readonly var exemplar in exemplars)
        {
            _exemplar.Clear();
            WriteExemplarLabels(_exemplar, exemplar.Labels);
            _exemplar.Double(2, exemplar.Value);
            _exemplar.Varint(3, (ulong)exemplar.TimestampMs);
            _content.Clear();
            _content.Bytes(exemplarsField, _exemplar.Written);
            at += WriteTimeSeries(exemplar.Series, _content.Written, at);
        }

        foreach (ref readonly var histogram in histograms)
        {
            _content.Clear();
            _histograms.Write(_content, histogramsField, histogram.Histogram, histogram.TimestampMs);
            at += WriteTimeSeries(histogram.Series, _content.Written, at);
        }

        return at;
    }

    /// <summary>As field 1 of the exemplar.</summary>
    protected abstract void WriteExemplarLabels(MessageBuffer exemplar, Labels labels);

    /// <summary>A time series of these labels and of the fields in <paramref name="content"/>; returns its length.</summary>
    protected abstract int WriteTimeSeries(StoredLabels labels, ReadOnlySpan<byte> content, int start);
}
