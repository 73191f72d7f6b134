using System.Globalization;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>Cases of samples: values, timestamps, staleness markers, and what a scrape reports of itself.</summary>
public sealed partial class SenderCaseTests
{
    private const int LastTimed = 4;

    private static readonly SenderCase HonorTimestamps = new(n => n > LastTimed ? "other 1\n" : $"timed {n} {NowMs - 700}\nother 1\n");

    [Fact]
    public void X_HonorTimestamps()
    {
        var record = run.Of(HonorTimestamps);
        Assert.NotEmpty(record.Of("timed"));
        Assert.All(record.Of("timed"), sample =>
        {
            Assert.False(sample.IsStale);
            Assert.StartsWith($"timed {sample.Value} {sample.TimestampMs}\n", record.Served[(int)sample.Value].Body, StringComparison.Ordinal);
        });
        record.AssertNoneMissing(record.Of("timed").Select(sample => (int)sample.Value).Concat(Enumerable.Range(LastTimed + 1, record.Served.Count)));
    }

    private static readonly SenderCase HonorTimestampsFalse = new(n => $"timed {n} 1000\n") { Job = "honor_timestamps: false" };

    [Fact]
    public void X_HonorTimestampsFalse()
    {
        var record = run.Of(HonorTimestampsFalse);
        record.AssertEveryPage("timed");
        Assert.Subset(record.Scrapes().Select(scrape => scrape.TimestampMs).ToHashSet(), record.Of("timed").Select(sample => sample.TimestampMs).ToHashSet());
    }

    private static readonly SenderCase StaleBits = new(n => n % 5 < 3 ? $"comes_and_goes {n}\n" : "other 1\n");

    [Fact]
    public void X_StaleBits()
    {
        var record = run.Of(StaleBits);
        Assert.NotEmpty(record.AssertMarkers("comes_and_goes"));
        Assert.All(record.Samples.Where(sample => double.IsNaN(sample.Value)), sample => Assert.Equal(0x7ff0000000000002UL, sample.Bits));
        record.AssertNoRepeats();
    }

    private static readonly SenderCase StaleOnScrapeFailure = new(n => new Page($"value {n}\n") { Status = n % 4 == 3 ? 500 : 200 });

    [Fact]
    public void X_StaleOnScrapeFailure()
    {
        var record = run.Of(StaleOnScrapeFailure);
        var ends = record.AssertMarkers("value");
        Assert.NotEmpty(ends);
        foreach (var end in ends)
        {
            Assert.False(record.Scrapes().Single(scrape => scrape.TimestampMs == end).IsUp);
            var reports = record.Samples.Where(sample => sample.TimestampMs == end && sample.Name.StartsWith("scrape_", StringComparison.Ordinal)).ToList();
            Assert.Equal(4, reports.Count);
            Assert.DoesNotContain(reports, report => report.IsStale);
        }
    }

    private static readonly SenderCase StaleOnTargetGone = new(n => $"value {n}\n")
    {
        Targets = "file_sd_configs: [{files: ['<folder>/StaleOnTargetGone.json'], refresh_interval: 1s}]",
        Prepare = site => File.WriteAllTextAsync(site.Node.Folder.Sub("StaleOnTargetGone.json"), $"[{{\"targets\": [\"{site.Exporter.Address}\"]}}]"),
        Steps = async site =>
        {
            await site.PagesAsync(3);
            site.Node.Folder.File("StaleOnTargetGone.json", "[]");
        },
        Queue = "queue_config: {batch_send_deadline: 1s}",
        Enough = record => record.Of("up").Any(up => up.IsStale),
    };

    [Fact]
    public void X_StaleOnTargetGone()
    {
        var record = run.Of(StaleOnTargetGone);
        var last = record.Samples.GroupBy(sample => sample.Name).Select(series => series.Last()).ToList();
        Assert.Equal(6, last.Count);
        Assert.All(last, sample => Assert.True(sample.IsStale, $"the last of {sample.Name} is {sample}"));
        Assert.Single(last.Select(sample => sample.TimestampMs).Distinct());
        Assert.All(record.Samples.Where(sample => !sample.IsStale), sample => Assert.True(sample.TimestampMs < last[0].TimestampMs));
    }

    private static readonly SenderCase ScrapeMetrics = new(_ => "a 1\nb 1\ndrop_me 1\n")
    {
        Job = "metric_relabel_configs: [{source_labels: [__name__], regex: drop_me, action: drop}]",
    };

    [Fact]
    public void X_ScrapeMetrics()
    {
        var record = run.Of(ScrapeMetrics);
        record.AssertUp();
        bool? wasUp = null;
        foreach (var scrape in record.Scrapes())
        {
            var reports = record.Samples.Where(sample => sample.TimestampMs == scrape.TimestampMs && CaseRecord.IsReport(sample)).ToDictionary(sample => sample.Name, sample => sample.Value);
            Assert.Equal(5, reports.Count);
            if (scrape.IsUp)
            {
                Assert.Equal(1, reports["up"]);
                Assert.InRange(reports["scrape_duration_seconds"], double.Epsilon, 60);
                Assert.Equal(3, reports["scrape_samples_scraped"]);
                Assert.Equal(2, reports["scrape_samples_post_metric_relabeling"]);
                Assert.Contains(reports["scrape_series_added"], wasUp is null ? [2.0] : wasUp.Value ? [0.0] : (double[])[0, 2]);
            }

            wasUp = scrape.IsUp;
        }
    }

    private static readonly SenderCase OneTimestampPerScrape = new(n => $"a {n}\nb {n}\nc {n}\n")
    {
        Queue = "queue_config: {batch_send_deadline: 1s}",
        Enough = record => GapsMs(record).Count(gap => gap is >= 800 and <= 1200) >= 5,
    };

    /// <summary>A second apart when the machine lets them: five such gaps are waited for.</summary>
    [Fact]
    public void X_OneTimestampPerScrape()
    {
        var record = run.Of(OneTimestampPerScrape);
        var counts = record.Samples.CountBy(sample => sample.TimestampMs).ToDictionary();
        Assert.Equal(counts.Keys.Order(), record.Scrapes().Select(scrape => scrape.TimestampMs));
        Assert.All(record.Scrapes().Where(scrape => scrape.IsUp), scrape => Assert.Equal(8, counts[scrape.TimestampMs]));
        record.AssertEveryPage("c");
    }

    /// <summary>Scraped texts and the bits that must arrive. The node writes -0 as it is; others leave it out, so that it arrives as 0.</summary>
    private static readonly Dictionary<string, ulong> Floats = new()
    {
        ["NaN"] = 0x7ff8000000000001,
        ["+Inf"] = BitConverter.DoubleToUInt64Bits(double.PositiveInfinity),
        ["-Inf"] = BitConverter.DoubleToUInt64Bits(double.NegativeInfinity),
        ["-0"] = 0x8000000000000000,
        ["1e308"] = BitConverter.DoubleToUInt64Bits(1e308),
        ["5e-324"] = 1,
        ["9007199254740993"] = BitConverter.DoubleToUInt64Bits(9007199254740992),
        ["0.1"] = BitConverter.DoubleToUInt64Bits(0.1),
        ["1e-7"] = BitConverter.DoubleToUInt64Bits(1e-7),
        ["+1"] = BitConverter.DoubleToUInt64Bits(1),
        ["1E3"] = BitConverter.DoubleToUInt64Bits(1000),
    };

    private static readonly SenderCase FloatValues = new(_ => string.Concat(Floats.Keys.Select(text => $"value{{text=\"{text}\"}} {text}\n")));

    [Fact]
    public void X_FloatValues()
    {
        var values = run.Of(FloatValues).ValuesOf("value");
        foreach (var (text, bits) in Floats)
        {
            var arrived = values.Where(sample => sample.Labels["text"] == text).ToList();
            Assert.NotEmpty(arrived);
            Assert.All(arrived, sample => Assert.True(sample.Bits == bits, $"{text} arrived as {sample.Bits:x16}"));
        }
    }

    private static readonly SenderCase NaNBits = new(_ => "value NaN\nvalue{spelled=\"otherwise\"} nan\n");

    [Fact]
    public void X_NaNBits()
    {
        var values = run.Of(NaNBits).ValuesOf("value");
        Assert.Equal(2, values.Select(sample => sample.Series).Distinct().Count());
        Assert.All(values, sample => Assert.Equal(0x7ff8000000000001UL, sample.Bits));
    }

    private static readonly SenderCase DuplicateSeries = new(n => $"value {n}\nvalue {n + 1000}\n");

    [Fact]
    public void X_DuplicateSeries()
    {
        var record = run.Of(DuplicateSeries);
        record.AssertUp();
        Assert.All(record.ValuesOf("value"), sample => Assert.InRange(sample.Value, 0, 999));
        record.AssertEveryPage("value");
    }

    private static readonly SenderCase Metadata = new(n =>
        $"# HELP counted_total With \\\\ and\\nlines.\n# TYPE counted_total counter\ncounted_total {n}\n# TYPE level gauge\nlevel {n}\n# HELP untold Nothing.\nuntold 1\n"
        + $"# TYPE h histogram\nh_bucket{{le=\"+Inf\"}} 1\nh_sum 1\nh_count 1\n# TYPE s summary\ns_sum 1\ns_count 1\n")
    {
        Queue = "metadata_config: {send_interval: 1s}",
        Enough = record => record.Served.Count > SenderCase.DefaultPages && record.Requests.Any(request => request.IsTaken && request.Metadata.Any(family => family.Family == "counted_total")),
    };

    [Fact]
    public void X_Metadata()
    {
        var families = run.Of(Metadata).Requests.Where(request => request.IsTaken).SelectMany(request => request.Metadata).ToHashSet();
        Assert.Contains(new WrittenMetadata("counted_total", 1, "With \\ and\nlines."), families);
        Assert.Contains(new WrittenMetadata("level", 2, ""), families);
        Assert.Contains(new WrittenMetadata("untold", 0, "Nothing."), families);
        Assert.Contains(new WrittenMetadata("h", 3, ""), families);
        Assert.Contains(new WrittenMetadata("s", 5, ""), families);
    }

    private static List<long> GapsMs(CaseRecord record)
    {
        var times = record.Of("up").Select(up => up.TimestampMs).Order().ToList();
        return [.. times.Skip(1).Zip(times, (after, before) => after - before)];
    }

    private static string Seconds(long milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000}.{milliseconds % 1000:000}");
}
