using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>The place on the board of one running target: written by its loop, read by anyone.</summary>
internal sealed class TargetCell(string pool, int slot, ulong hash)
{
    private volatile TargetDescription? _description;
    private volatile ScrapeReport _report = ScrapeReport.None;
    private volatile FamilyMetadata[] _families = [];

    private volatile int _samplesPerScrape;

    public string Job => pool;

    public int Slot => slot;

    public void Describe(TargetDescription description) => _description = description;

    public void Report(ScrapeReport report) => _report = report;

    public ScrapeReport LastReport => _report;

    /// <summary>The array is immutable from here on.</summary>
    public FamilyMetadata[] Families
    {
        get => _families;
        set => _families = value;
    }

    /// <summary>What a scrape costs, by the last successful one; report samples alone when there was none.</summary>
    public void Weigh(int samples, int reportSamples, bool successful)
    {
        if (successful || _samplesPerScrape == 0)
        {
            _samplesPerScrape = (successful ? samples : 0) + reportSamples;
        }
    }

    /// <summary>Null while no scrape is to come here.</summary>
    public TimeSpan? DueInterval => _report.NextScrape is null ? null : _description?.Interval;

    /// <summary>Null before the first scrape.</summary>
    public TargetLoad? ToLoad()
    {
        return _samplesPerScrape > 0 && _description is { } description
            ? new TargetLoad(pool, slot, hash, _samplesPerScrape / description.Interval.TotalSeconds)
            : null;
    }

    public TargetSnapshot? ToSnapshot()
    {
        var description = _description;
        var report = _report;
        return description is null
            ? null
            : new TargetSnapshot(
                pool, slot, hash, description.Labels, description.DiscoveredLabels, description.ScrapeUrl, description.Interval, description.Timeout,
                report.Health, report.LastError, report.LastScrape, report.Duration, report.Samples, report.NextScrape, report.MissedTicks);
    }
}

internal sealed record TargetDescription(Labels Labels, Labels DiscoveredLabels, string ScrapeUrl, TimeSpan Interval, TimeSpan Timeout);

internal sealed record ScrapeReport(
    TargetHealth Health,
    string LastError,
    DateTimeOffset? LastScrape,
    TimeSpan Duration,
    int Samples,
    DateTimeOffset? NextScrape,
    long MissedTicks)
{
    public static readonly ScrapeReport None = new(TargetHealth.Unknown, "", null, TimeSpan.Zero, 0, null, 0);
}
