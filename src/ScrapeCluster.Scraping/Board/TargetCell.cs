using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>The place on the board of one running target: written by its loop, read by anyone.</summary>
internal sealed class TargetCell(string pool, int bucket, ulong hash)
{
    private volatile TargetDescription? _description;
    private volatile ScrapeReport _report = ScrapeReport.None;
    private volatile FamilyMetadata[] _families = [];

    public string Job => pool;

    public void Describe(TargetDescription description) => _description = description;

    public void Report(ScrapeReport report) => _report = report;

    public ScrapeReport LastReport => _report;

    /// <summary>The array is immutable from here on.</summary>
    public FamilyMetadata[] Families
    {
        get => _families;
        set => _families = value;
    }

    public TargetSnapshot? ToSnapshot()
    {
        var description = _description;
        var report = _report;
        return description is null
            ? null
            : new TargetSnapshot(
                pool, bucket, hash, description.Labels, description.DiscoveredLabels, description.ScrapeUrl, description.Interval, description.Timeout,
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
