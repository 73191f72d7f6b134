using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// From the bytes of a page to one batch: the samples, the staleness markers and the report of a scrape, for one run of one target.
/// A failed scrape is an empty page: what was added is taken back, then markers and report follow by the same lines.
/// <list type="number">
/// <item><see cref="Append"/> reads the page into the batch.</item>
/// <item>The caller sends the batch; <see cref="Settle"/> takes the storage's answer and may ask for a second, small batch.</item>
/// <item><see cref="EndRound"/>.</item>
/// </list>
/// </summary>
internal sealed partial class ScrapeAppender
{
    public const string SampleLimitFault = "sample limit exceeded";

    private static readonly TimeSpan FutureBound = TimeSpan.FromMinutes(10);

    private readonly SampleRules _rules;
    private readonly Labels _targetLabels;
    private readonly SeriesCache _cache;
    private readonly FamilyCache _families;
    private readonly ReportSeries _report;
    private readonly SampleOrigins _origins = new();
    private readonly bool _describes;
    private SeriesGate? _gate;
    private bool _successful;
    private bool _stored;
    private bool _wasUsed;

    /// <param name="describes">Metadata goes with series that are new, and with all of a family that says something new.</param>
    public ScrapeAppender(SampleRules rules, Labels targetLabels, ulong hashSeed, FamilyInterner interner, SharedTexts texts, bool describes = false)
    {
        _rules = rules;
        _targetLabels = targetLabels;
        _cache = new SeriesCache(hashSeed, texts);
        _families = new FamilyCache(interner);
        _report = new ReportSeries(targetLabels, rules.ExtraScrapeMetrics, describes);
        _describes = describes;
    }

    /// <summary>The same series under rules that differ only in limits (a reload that keeps the cache).</summary>
    public ScrapeAppender(SampleRules rules, ScrapeAppender predecessor)
    {
        _rules = rules;
        _targetLabels = predecessor._targetLabels;
        _cache = predecessor._cache;
        _families = predecessor._families;
        _report = predecessor._report;
        _describes = predecessor._describes;
        _wasUsed = predecessor._wasUsed;
    }

    public SampleRules Rules => _rules;

    public int CachedSeries => _cache.Count;

    public int CachedFamilies => _families.Count;

    public long FamilyBytes => _families.SizeBytes;

    /// <summary>Samples that every scrape reports of itself.</summary>
    public int ReportCount => _report.Count;

    /// <summary>About what the next batch will hold in memory.</summary>
    public long NextBatchBytes => (_cache.Count + _report.Count) * 16L;

    /// <summary>Fills the batch; what it returns has been reported in it already.</summary>
    public ScrapeOutcome Append(in ScrapedPage page, SampleBatch batch, long timestampMs, DateTimeOffset now, Func<TimeSpan> duration)
    {
        _wasUsed = true;
        _stored = false;
        batch.TimestampMs = timestampMs;
        _origins.Clear();
        _cache.BeginRound();
        _families.BeginRound();
        var counts = default(PageCounts);
        var fault = page.Fault;
        if (fault is null && !page.Body.IsEmpty)
        {
            fault = ReadPage(page, batch, (now + FutureBound).ToUnixTimeMilliseconds(), ref counts);
            if (fault is not null)
            {
                batch.Truncate(0);
                _origins.Clear();
            }
        }

        _successful = fault is null && !page.Body.IsEmpty;
        batch.ReportedCount = batch.Count;
        AppendStaleMarkers(batch);
        _origins.ReportStart = batch.Count;
        var figures = new ScrapeFigures(
            fault is null, duration(), counts.Scraped, counts.PostRelabelling, counts.SeriesAdded, page.Timeout, _rules.SampleLimit,
            page.BodyLimitExceeded ? -1 : page.Body.Length);
        _report.Append(figures, batch);
        _origins.RememberNew(batch);
        return new ScrapeOutcome(fault, figures, counts);
    }

    /// <summary>Forgets what the page no longer has. A changed set of families is returned for publication. True when a flush was forced.</summary>
    public bool EndRound(out FamilyMetadata[]? families)
    {
        var forced = _cache.EndRound(_successful, _families.Count);
        if (_successful && _stored)
        {
            _families.MarkStored();
        }

        families = _families.EndRound(_successful || forced);
        _origins.Release();
        return forced;
    }

    /// <summary>Markers for everything this run exposed last, the report included, for a target that is gone.</summary>
    public void AppendEndMarkers(SampleBatch batch)
    {
        foreach (var id in _cache.TrackedIds())
        {
            AppendMarker(id, batch);
        }

        _report.AppendMarkers(batch, unsent: !_wasUsed);
    }

    private string? ReadPage(in ScrapedPage page, SampleBatch batch, long latestMs, ref PageCounts counts)
    {
        if (!ContentTypes.TryChoose(page.ContentType, _rules.Fallback, out var format, out var fault))
        {
            return fault;
        }

        _cache.Expect(page.Body.Length);
        if (format == ExpositionFormat.OpenMetrics)
        {
            var parser = new OpenMetricsParser(page.Body);
            return ReadEntries(ref parser, batch, latestMs, ref counts);
        }
        else
        {
            var parser = new TextParser(page.Body);
            return ReadEntries(ref parser, batch, latestMs, ref counts);
        }
    }

    private void AppendStaleMarkers(SampleBatch batch)
    {
        if (_cache.HasStale)
        {
            foreach (var id in _cache.StaleIds())
            {
                AppendMarker(id, batch);
            }
        }
    }

    private void AppendMarker(int id, SampleBatch batch)
    {
        if (_cache[id].Ref != 0)
        {
            batch.Add(_cache[id].Ref, SpecialValues.StaleNaN);
        }
        else if (LabelsOf(id) is { } labels)
        {
            // Accepted only by a scrape that failed later: the storage has never heard of it.
            batch.AddNew(labels, SpecialValues.StaleNaN);
        }
    }

    /// <summary>The labels of a cached line, made again from its text: they are needed too seldom to be kept.</summary>
    private Labels? LabelsOf(int id)
    {
        _gate ??= new SeriesGate(_rules);
        ReadExposed(_cache.TextOf(id), _cache[id].Flags);
        return _gate.Pass(_targetLabels, out _);
    }

    private void ReadExposed(ReadOnlySpan<byte> series, SeriesFlags flags)
    {
        var type = (flags & SeriesFlags.Histogram) != 0 ? MetricType.Histogram : (flags & SeriesFlags.Summary) != 0 ? MetricType.Summary : MetricType.Unknown;
        SeriesLabels.Read(series, type, _gate!.Exposed);
    }
}

/// <summary>What a scrape brought: a page, or the reason why there is none.</summary>
internal readonly ref struct ScrapedPage(ReadOnlySpan<byte> body, string? contentType, TimeSpan timeout, string? fault = null, bool bodyLimitExceeded = false)
{
    public ReadOnlySpan<byte> Body { get; } = body;

    public string? ContentType { get; } = contentType;

    public TimeSpan Timeout { get; } = timeout;

    public string? Fault { get; } = fault;

    public bool BodyLimitExceeded { get; } = bodyLimitExceeded;
}

/// <param name="Fault">Why the scrape counts as failed; null when it does not.</param>
internal readonly record struct ScrapeOutcome(string? Fault, ScrapeFigures Figures, PageCounts Counts);
