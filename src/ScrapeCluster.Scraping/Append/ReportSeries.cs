using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>The samples that a scrape reports of itself, with the storage references of one target. No relabelling and no limits apply to them.</summary>
/// <param name="describes">Metadata goes with them when they are new.</param>
internal sealed class ReportSeries(Labels targetLabels, bool extra, bool describes = false)
{
    private const int BasicCount = 5;
    private static readonly string[] Names =
    [
        "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added",
        "scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes",
    ];

    private static readonly MetricMetadata[] Metadata =
    [
        new(MetricType.Gauge, "Whether the last scrape of the target succeeded: 1 or 0.", "targets"),
        new(MetricType.Gauge, "How long the last scrape of the target took.", "seconds"),
        new(MetricType.Gauge, "Samples that the target exposed.", "samples"),
        new(MetricType.Gauge, "Samples that metric relabelling left.", "samples"),
        new(MetricType.Gauge, "Series that were new in this scrape, about.", "series"),
        new(MetricType.Gauge, "The scrape timeout set for the target.", "seconds"),
        new(MetricType.Gauge, "The sample limit set for the target, 0 for none.", "samples"),
        new(MetricType.Gauge, "Size of the last page, unpacked; -1 when it exceeded body_size_limit.", "bytes"),
    ];

    private readonly ulong[] _refs = new ulong[extra ? Names.Length : BasicCount];

    public int Count => _refs.Length;

    public void Append(in ScrapeFigures figures, SampleBatch batch)
    {
        Span<double> values =
        [
            figures.Up ? 1 : 0, figures.Duration.TotalSeconds, figures.Scraped, figures.PostRelabelling, figures.SeriesAdded,
            figures.Timeout.TotalSeconds, figures.SampleLimit, figures.BodyBytes,
        ];
        batch.SeriesAddedIndex = batch.Count + BasicCount - 1;
        for (var i = 0; i < Count; i++)
        {
            Append(i, values[i], batch);
        }
    }

    /// <summary>Staleness markers for all of them: at the end of the target's last run.</summary>
    /// <param name="unsent">Another node has sent them, so they are marked without a reference.</param>
    public void AppendMarkers(SampleBatch batch, bool unsent = false)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_refs[i] != 0 || unsent)
            {
                Append(i, SpecialValues.StaleNaN, batch);
            }
        }
    }

    public void SetRef(int index, ulong seriesRef) => _refs[index] = seriesRef;

    /// <summary>Says what the report sample is that was added to the batch last.</summary>
    public void Describe(int index, SampleBatch batch)
    {
        if (describes)
        {
            batch.Describe(Metadata[index]);
        }
    }

    public Labels LabelsOf(int index)
    {
        var labels = new LabelsBuilder();
        labels.Reset(targetLabels);
        labels.Set(Labels.MetricName, Names[index]);
        return labels.ToLabels();
    }

    private void Append(int index, double value, SampleBatch batch)
    {
        if (_refs[index] != 0)
        {
            batch.Add(_refs[index], value);
        }
        else
        {
            batch.AddNew(LabelsOf(index), value);
            Describe(index, batch);
        }
    }
}

/// <summary>What one scrape says of itself.</summary>
internal readonly record struct ScrapeFigures(
    bool Up, TimeSpan Duration, int Scraped, int PostRelabelling, int SeriesAdded, TimeSpan Timeout, long SampleLimit, long BodyBytes);
