namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>
/// Takes requests as stock Prometheus 2.42 does: one sample that is older than the newest of its series, or as old with another value, has the whole request
/// refused; the newest sample once more is no fault and changes nothing.
/// </summary>
internal sealed class StockStore
{
    private readonly Dictionary<string, List<ReceivedSample>> _series = [];

    /// <summary>What was stored, by series in the order of storing.</summary>
    public IReadOnlyDictionary<string, List<ReceivedSample>> Series => _series;

    public int RefusedRequests { get; private set; }

    /// <summary>Of all series, those of each in the order of storing.</summary>
    public IReadOnlyList<ReceivedSample> Stored
    {
        get
        {
            lock (_series)
            {
                return [.. _series.Values.SelectMany(samples => samples)];
            }
        }
    }

    public int Count => Stored.Count;

    public int Store(IReadOnlyList<ReceivedSample> request)
    {
        lock (_series)
        {
            return StoreAll(request);
        }
    }

    private int StoreAll(IReadOnlyList<ReceivedSample> request)
    {
        var newest = new Dictionary<string, ReceivedSample>();
        var taken = new List<ReceivedSample>();
        foreach (var sample in request)
        {
            var last = newest.GetValueOrDefault(sample.Series) ?? (_series.TryGetValue(sample.Series, out var stored) ? stored[^1] : null);
            if (last is not null && (sample.TimestampMs < last.TimestampMs || (sample.TimestampMs == last.TimestampMs && sample.Bits != last.Bits)))
            {
                RefusedRequests++;
                return 400;
            }

            if (last is null || sample.TimestampMs > last.TimestampMs)
            {
                newest[sample.Series] = sample;
                taken.Add(sample);
            }
        }

        foreach (var sample in taken)
        {
            if (!_series.TryGetValue(sample.Series, out var stored))
            {
                _series[sample.Series] = stored = [];
            }

            stored.Add(sample);
        }

        return 204;
    }
}
