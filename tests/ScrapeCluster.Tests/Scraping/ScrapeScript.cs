using System.Text;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>Plays pages to the append pipeline, a minute apart, and tells what each scrape stored.</summary>
internal sealed class ScrapeScript
{
    public const string Text = "text/plain; version=0.0.4";

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ScrapeAppender _appender;
    private readonly SampleBatchPool _batches = new();
    private long _round;

    public ScrapeScript(ScrapeConfig? config = null, Labels? target = null, DateTimeOffset? startAt = null, bool describes = false)
    {
        Now = startAt ?? Start;
        Assert.True(SampleRules.TryCompile(config ?? new ScrapeConfig { JobName = "test" }, out var rules, out var fault), fault);
        _appender = new ScrapeAppender(rules, target ?? Labels.Empty, hashSeed: 7, new FamilyInterner(), new SharedTexts(), describes);
    }

    public HeadDouble Head { get; } = new();

    public DateTimeOffset Now { get; private set; }

    public long NowMs => Now.ToUnixTimeMilliseconds();

    public ScrapeOutcome Outcome { get; private set; }

    public RefusalCounts Refused { get; private set; }

    public bool FlushWasForced { get; private set; }

    public int CachedSeries => _appender.CachedSeries;

    public FamilyMetadata[]? Families { get; private set; }

    /// <summary>The samples that the scrape stored, report samples left out, sorted.</summary>
    public string[] Scrape(string page, string? contentType = Text) => Run(Encoding.UTF8.GetBytes(page), contentType, null);

    public string[] ScrapeBytes(byte[] page) => Run(page, Text, null);

    public string[] Fail(string fault) => Run([], null, fault);

    public double Report(string name) => Head.Stored.Last(sample => sample.Name == name).Value;

    /// <summary>scrape_samples_scraped, scrape_samples_post_metric_relabeling and scrape_series_added of the last scrape.</summary>
    public (int Scraped, int PostRelabelling, int Added) Counts =>
        ((int)Report("scrape_samples_scraped"), (int)Report("scrape_samples_post_metric_relabeling"), (int)Report("scrape_series_added"));

    public byte[] PackLines() => _appender.PackLines();

    public void Adopt(byte[] packed)
    {
        Assert.True(SeriesLines.TryUnpack(packed, out var lines, out var fault), fault);
        _appender.Adopt(lines);
    }

    public string[] End()
    {
        Now += TimeSpan.FromMinutes(1);
        var batch = _batches.Rent();
        batch.TimestampMs = NowMs;
        _appender.AppendEndMarkers(batch);
        var before = Head.Stored.Count;
        Head.Append(batch);
        return Texts(before, withReport: true);
    }

    private string[] Run(byte[] page, string? contentType, string? fault)
    {
        Now += TimeSpan.FromMinutes(1);
        var before = Head.Stored.Count;
        var batch = _batches.Rent();
        Outcome = _appender.Append(new ScrapedPage(page, contentType, TimeSpan.FromSeconds(10), fault), batch, NowMs, Now, () => TimeSpan.FromMilliseconds(5));
        Refused = default;
        while (batch.Count > 0)
        {
            batch.Round = ++_round;
            var answer = Head.Append(batch);
            _batches.Return(batch);
            batch = _batches.Rent();
            var refused = _appender.Settle(answer, batch, NowMs);
            Refused = new RefusalCounts(Refused.OutOfOrder + refused.OutOfOrder, Refused.Duplicates + refused.Duplicates, Refused.OutOfBounds + refused.OutOfBounds);
        }

        FlushWasForced = _appender.EndRound(out var families);
        Families = families ?? Families;
        return Texts(before, withReport: false);
    }

    private string[] Texts(int from, bool withReport)
    {
        return [.. Head.Stored.Skip(from).Where(sample => withReport || !sample.IsReport).Select(sample => sample.Text(NowMs)).Order(StringComparer.Ordinal)];
    }
}
