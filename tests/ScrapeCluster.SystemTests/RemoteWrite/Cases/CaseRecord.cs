using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.RemoteWrite.Cases;

/// <summary>What was asked of a case's target and what its receiver was sent, each as it was when it was first looked at.</summary>
internal sealed class CaseRecord(CaseSite site)
{
    private readonly Lazy<IReadOnlyList<Served>> _served = new(() => site.Exporter.ServedOn(site.ServedPath));
    private readonly Lazy<IReadOnlyList<ReceivedWrite>> _requests = new(() => site.Receiver.RequestsOn(site.SentPath));
    private readonly Lazy<IReadOnlyList<WrittenSample>> _samples = new(() => site.Case.HasOwnQueue ? site.Receiver.On(site.Path) : OfShared(site));

    private static readonly string[] ReportNames =
        ["up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added"];

    /// <summary>How long after the start of its scrape a request that nobody waits for any more may be looked at by the exporter, on a machine that has stood still.</summary>
    private const int LateMs = 60_000;

    /// <summary>Timestamps are whole milliseconds, aligned by up to 2 ms; all processes read one clock.</summary>
    private const int ClockSlackMs = 15;

    public IReadOnlyList<Served> Served => _served.Value;

    /// <summary>Those of the cases that share its queue, too.</summary>
    public IReadOnlyList<ReceivedWrite> Requests => _requests.Value;

    /// <summary>Those that were taken, in the order in which they were.</summary>
    public IReadOnlyList<WrittenSample> Samples => _samples.Value;

    public CaseTimes Times => site.Node.Times;

    /// <summary>Requests with samples.</summary>
    public IEnumerable<ReceivedWrite> Writes => Requests.Where(request => request.Number >= 0);

    /// <summary>Without those that every scrape has.</summary>
    public IEnumerable<WrittenSample> Exposed => Samples.Where(sample => !IsReport(sample));

    /// <summary>Requests of this case to a path below its own.</summary>
    public IReadOnlyList<ReceivedWrite> OnPath(string below) => site.Receiver.RequestsOn(site.Path + below);

    public IReadOnlyList<Served> ServedOn(string path) => site.Exporter.ServedOn(path);

    public static bool IsReport(WrittenSample sample) => ReportNames.Contains(sample.Name, StringComparer.Ordinal);

    public IReadOnlyList<WrittenSample> Of(string name) => [.. Samples.Where(sample => sample.Name == name)];

    /// <summary>Values without staleness markers.</summary>
    public IReadOnlyList<WrittenSample> ValuesOf(string name) => [.. Samples.Where(sample => sample.Name == name && !sample.IsStale)];

    /// <summary>All scrapes of the one target, by what they report of themselves, taken or refused, in the order of time.</summary>
    public IReadOnlyList<SentScrape> Scrapes()
    {
        var told = site.Case.HasOwnQueue ? Requests.SelectMany(request => request.Samples) : Samples;
        var reports = told.Where(sample => !sample.IsStale && sample.Name is "up" or "scrape_duration_seconds").DistinctBy(sample => (sample.Name, sample.TimestampMs)).ToLookup(sample => sample.Name);
        var durations = reports["scrape_duration_seconds"].ToDictionary(sample => sample.TimestampMs, sample => sample.Value);
        return [.. reports["up"].OrderBy(up => up.TimestampMs).Select(up => new SentScrape(up.TimestampMs, up.Value == 1, durations.GetValueOrDefault(up.TimestampMs)))];
    }

    /// <summary>
    /// Every page of a running number that is acknowledged arrived once, in order. On a machine under load a scrape may run out of its time; it then says
    /// so itself, and stands for its page.
    /// </summary>
    public void AssertEveryPage(string name, double timeoutSeconds = 1)
    {
        var numbers = ValuesOf(name).Select(sample => (int)sample.Value).ToList();
        Assert.All(numbers.Skip(1).Zip(numbers), pair => Assert.True(pair.First > pair.Second, $"{name}: {pair.First} came behind {pair.Second}"));
        AssertNoneMissing(numbers, timeoutSeconds);
    }

    public void AssertNoneMissing(IEnumerable<int> numbers, double timeoutSeconds = 1)
    {
        var arrived = numbers.ToHashSet();
        var cut = Scrapes().Where(scrape => !scrape.IsUp && scrape.Seconds >= timeoutSeconds * SentScrape.NearlyAll).Select(scrape => scrape.TimestampMs).ToList();
        var missing = Served.SkipLast(1).Where(page => !arrived.Contains(page.Number)).ToList();
        foreach (var page in missing)
        {
            var place = cut.FindIndex(time => time >= page.RequestedAtMs - LateMs && time <= page.RequestedAtMs + ClockSlackMs);
            Assert.True(place >= 0, $"page {page.Number}, asked for at {page.RequestedAtMs}, did not arrive; missing: {string.Join(", ", missing.Select(one => one.Number))}");
            cut.RemoveAt(place);
        }

        Assert.True(arrived.Count > 0, $"none of {Served.Count} pages arrived; all scrapes ran out of their time");
    }

    /// <summary>A series ends where a scrape does not have it that the one before had, and only there. Answers the times of its ends.</summary>
    public IReadOnlyList<long> AssertMarkers(string name)
    {
        var values = ValuesOf(name).Select(sample => sample.TimestampMs).ToHashSet();
        var expected = new List<long>();
        var wasThere = false;
        foreach (var scrape in Scrapes())
        {
            var isThere = values.Contains(scrape.TimestampMs);
            if (wasThere && !isThere)
            {
                expected.Add(scrape.TimestampMs);
            }

            wasThere = isThere;
        }

        Assert.Equal(expected, Of(name).Where(sample => sample.IsStale).Select(sample => sample.TimestampMs));
        return expected;
    }

    /// <summary>
    /// Nothing was stored of any page, and each scrape says that it failed. Series that a failed page showed end, as in Prometheus, where a scrape got no
    /// page at all for want of time.
    /// </summary>
    public IReadOnlyList<SentScrape> AssertAllFailed()
    {
        var scrapes = Scrapes();
        var cut = scrapes.Where(scrape => scrape.IsCut).Select(scrape => scrape.TimestampMs).ToHashSet();
        Assert.DoesNotContain(Exposed, sample => !sample.IsStale || !cut.Contains(sample.TimestampMs));
        Assert.NotEmpty(scrapes);
        Assert.All(scrapes, scrape => Assert.False(scrape.IsUp));
        return scrapes;
    }

    /// <summary>No scrape failed but for want of time.</summary>
    public void AssertUp()
    {
        var scrapes = Scrapes();
        Assert.Contains(scrapes, scrape => scrape.IsUp);
        Assert.All(scrapes, scrape => Assert.True(scrape.IsUp || scrape.IsCut, $"the scrape at {scrape.TimestampMs} failed"));
    }

    public void AssertNoRepeats()
    {
        var repeated = Samples.CountBy(sample => (sample.Series, sample.TimestampMs)).Where(count => count.Value > 1).Select(count => count.Key).ToList();
        Assert.True(repeated.Count == 0, $"{repeated.Count} samples were taken more than once, such as {string.Join(", ", repeated.Take(5))}");
    }

    /// <summary>Without the mark that tells the cases apart, which a queue of one's own does not send.</summary>
    private static List<WrittenSample> OfShared(CaseSite site)
    {
        return
        [
            .. site.Receiver.On(CaseNode.SharedPath)
                .Where(sample => sample.Labels.GetValueOrDefault(CaseNode.Mark) == site.Case.Name)
                .Select(sample => new WrittenSample(new SortedDictionary<string, string>(sample.Labels.Where(label => label.Key != CaseNode.Mark).ToDictionary(), StringComparer.Ordinal), sample.Bits, sample.TimestampMs)
                {
                    LabelNames = [.. sample.LabelNames.Where(name => name != CaseNode.Mark)],
                }),
        ];
    }
}

/// <param name="Seconds">How long it took, as it says itself.</param>
internal sealed record SentScrape(long TimestampMs, bool IsUp, double Seconds)
{
    /// <summary>Of a timeout: what a scrape says that it took and what its timer says differ by milliseconds.</summary>
    public const double NearlyAll = 0.9;

    /// <summary>It ran out of the second that it had: the machine's load.</summary>
    public bool IsCut => !IsUp && Seconds >= NearlyAll;
}
