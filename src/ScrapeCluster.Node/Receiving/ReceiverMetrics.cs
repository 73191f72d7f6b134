using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Node.Receiving;

/// <summary>Counters of the receiver, by Prometheus's names where it has them. Counted once a request.</summary>
internal sealed class ReceiverMetrics
{
    private readonly MetricFamily<Counter> _requests;
    private readonly Counter _invalidLabels;
    private readonly Counter _withoutMetadata;
    private readonly Counter[] _samples;
    private readonly Counter[] _refused;
    private readonly Counter _future;
    private readonly Counter _histograms;
    private readonly Counter _exemplars;
    private readonly Counter _metadata;

    public ReceiverMetrics(MetricsRegistry metrics, Func<double> pendingBytes, Func<double> knownSeries)
    {
        _requests = metrics.Counters(
            "scrapecluster_remote_write_receiver_requests_total", "Requests to /api/v1/write that were answered, by protocol and status.", "protocol", "code");
        _invalidLabels = metrics.Counter(
            "prometheus_api_remote_write_invalid_labels_samples_total",
            "The total number of received remote write samples and histogram samples which were rejected due to invalid labels.");
        _withoutMetadata = metrics.Counter(
            "prometheus_api_remote_write_without_metadata_appended_samples_total",
            "The total number of received remote write samples (and histogram samples) which were ingested without corresponding metadata.");
        var samples = metrics.Counters("scrapecluster_remote_write_receiver_samples_total", "Received samples that were stored, by protocol.", "protocol");
        _samples = [samples.With("1.0"), samples.With("2.0")];
        var refused = metrics.Counters(
            "scrapecluster_remote_write_receiver_refused_samples_total", "Received samples that the storage refused, by reason.", "reason");
        _refused = [refused.With("out_of_order"), refused.With("duplicate"), refused.With("out_of_bounds")];
        _future = refused.With("future");
        var unsupported = metrics.Counters(
            "scrapecluster_remote_write_receiver_not_stored_total", "What was received and has no place in the storage, by kind.", "kind");
        _histograms = unsupported.With("histogram");
        _exemplars = unsupported.With("exemplar");
        _metadata = unsupported.With("metadata");
        metrics.GaugeCallback(
            "scrapecluster_remote_write_receiver_pending_bytes", "Bytes of requests that are being received or wait for their turn.", pendingBytes);
        metrics.GaugeCallback("scrapecluster_remote_write_receiver_known_series", "Series whose references are kept for the next request.", knownSeries);
    }

    public void Answered(WriteMessage? message, int status) => _requests.With(Name(message), status.ToString(System.Globalization.CultureInfo.InvariantCulture)).Inc();

    public void Stored(WriteMessage message, int samples, in WriteTally tally)
    {
        _samples[(int)message].Add(samples);
        _withoutMetadata.Add(Math.Max(0, samples - tally.DescribedSamples));
    }

    public void Passed(in WriteTally tally)
    {
        _invalidLabels.Add(tally.InvalidLabelSamples);
        _future.Add(tally.FutureSamples);
        _histograms.Add(tally.Histograms);
        _exemplars.Add(tally.Exemplars);
        _metadata.Add(tally.MetadataEntries);
    }

    public void Refused(RefusalReason reason) => _refused[(int)reason].Inc();

    private static string Name(WriteMessage? message) => message switch
    {
        WriteMessage.V1 => "1.0",
        WriteMessage.V2 => "2.0",
        _ => "",
    };
}
