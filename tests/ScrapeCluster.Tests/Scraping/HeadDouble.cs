using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>
/// The storage's side of the contract in a few lines: references by labels, refusal of out-of-order and duplicate samples, and everything stored in plain view.
/// </summary>
internal sealed class HeadDouble
{
    private readonly Dictionary<Labels, ulong> _refs = [];
    private readonly Dictionary<ulong, (Labels Labels, long LastMs, double LastValue, bool Any)> _series = [];

    public List<StoredSample> Stored { get; } = [];

    public List<RefusedSample> Refused { get; } = [];

    /// <summary>The metadata that came with samples of series that are known.</summary>
    public List<(string Series, MetricMetadata Metadata)> Described { get; } = [];

    /// <summary>Refuses on top of the rules.</summary>
    public Func<Labels, double, RefusalReason?> Refuse { get; set; } = static (_, _) => null;

    public string? Error { get; set; }

    /// <summary>Forgets every reference, as a head does with series that were quiet for long.</summary>
    public void ForgetReferences()
    {
        _refs.Clear();
        _series.Clear();
    }

    public AppendResult Append(SampleBatch batch)
    {
        if (Error is not null)
        {
            return AppendResult.Failed(batch.Round, Error);
        }

        var refs = batch.Refs.ToArray();
        var newRefs = new List<ulong>();
        foreach (var series in batch.NewSeries)
        {
            refs[series.Index] = RefOf(series.Labels);
            newRefs.Add(refs[series.Index]);
        }

        Described.AddRange(batch.Metadata
            .Where(entry => _series.ContainsKey(refs[entry.Index]))
            .Select(entry => (new StoredSample(_series[refs[entry.Index]].Labels, 0, 0).Series, entry.Metadata)));
        var refused = new List<RefusedSample>();
        var unknown = new List<UnknownSample>();
        var stored = new List<(ulong Ref, long Ms, int Index)>();
        for (var i = 0; i < batch.Count; i++)
        {
            var ms = batch.TimestampsMs.IsEmpty ? batch.TimestampMs : batch.TimestampsMs[i];
            var value = batch.Values[i];
            if (!_series.TryGetValue(refs[i], out var series))
            {
                unknown.Add(new UnknownSample(i, value, ms));
            }
            else if (Check(series, ms, value) is not { } reason)
            {
                _series[refs[i]] = (series.Labels, ms, value, true);
                stored.Add((refs[i], ms, i));
            }
            else if (i < batch.ReportedCount)
            {
                refused.Add(new RefusedSample(i, reason));
                if (batch.Refs[i] == 0)
                {
                    batch.DeductAddedSeries();
                }
            }
        }

        Stored.AddRange(stored.Select(sample => new StoredSample(_series[sample.Ref].Labels, sample.Ms, batch.Values[sample.Index])));
        Refused.AddRange(refused);
        return new AppendResult(batch.Round, null, [.. newRefs], [.. refused], [.. unknown]);
    }

    private ulong RefOf(Labels labels)
    {
        if (!_refs.TryGetValue(labels, out var known))
        {
            known = (ulong)(_refs.Count + 1 + Stored.Count);
            while (_series.ContainsKey(known))
            {
                known++;
            }

            _refs.Add(labels, known);
            _series.Add(known, (labels, 0, 0, false));
        }

        return known;
    }

    private RefusalReason? Check((Labels Labels, long LastMs, double LastValue, bool Any) series, long ms, double value)
    {
        if (Refuse(series.Labels, value) is { } reason)
        {
            return reason;
        }

        if (!series.Any || ms > series.LastMs)
        {
            return null;
        }

        return ms < series.LastMs ? RefusalReason.OutOfOrder
            : BitConverter.DoubleToUInt64Bits(value) == BitConverter.DoubleToUInt64Bits(series.LastValue) ? null
            : RefusalReason.DuplicateTimestamp;
    }
}

internal sealed record StoredSample(Labels Labels, long TimestampMs, double Value)
{
    private static readonly string[] ReportNames =
    [
        "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added",
        "scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes",
    ];

    public string Name => Labels.Get(Labels.MetricName) ?? "";

    public bool IsReport => ReportNames.Contains(Name);

    public bool IsStale => SpecialValues.IsStaleNaN(Value);

    /// <summary>Such as <c>a{x="1"}</c>.</summary>
    public string Series
    {
        get
        {
            var labels = string.Join(",", Labels.ToPairs().Where(pair => pair.Key != Labels.MetricName).Select(pair => $"{pair.Key}=\"{pair.Value}\""));
            return labels.Length > 0 ? $"{Name}{{{labels}}}" : Name;
        }
    }

    /// <summary>Such as <c>a{x="1"} 2@1000</c>, <c>stale</c> for a marker, without the timestamp when it is the scrape's own.</summary>
    public string Text(long scrapeMs)
    {
        var value = IsStale ? "stale" : Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        return $"{Series} {value}{(TimestampMs == scrapeMs ? "" : $"@{TimestampMs}")}";
    }
}
