using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Benchmarks.Scraping;

/// <summary>
/// One scrape's work between fetch and storage: parse, look-up, batch, report. 1,000 series of about 115 bytes a line, as the yardsticks have it; the
/// page that changes takes turns with another one of the same series with other values.
/// </summary>
[MemoryDiagnoser]
[ShortRunJob]
public class WarmScrape
{
    private static readonly Func<TimeSpan> NoTime = static () => TimeSpan.Zero;

    private readonly SampleBatchPool _batches = new();
    private readonly byte[][] _pages = [Page(0, churn: false), Page(1, churn: false)];
    private readonly byte[][] _churning = [Page(0, churn: true), Page(1, churn: true)];
    private ScrapeAppender _appender = null!;
    private long _now = 1_700_000_000_000;
    private ulong _nextRef;

    [GlobalSetup]
    public void Setup()
    {
        _appender = NewAppender();
        Scrape(_appender, _pages[0]);
        Scrape(_appender, _pages[1]);
        Console.WriteLine($"page: {_pages[0].Length} bytes");
    }

    [Benchmark(Baseline = true)]
    public int Warm() => Scrape(_appender, _pages[_now & 1]);

    [Benchmark(Description = "1 % of the series change")]
    public int Churn() => Scrape(_appender, _churning[_now & 1]);

    [Benchmark(Description = "first scrape")]
    public int Cold() => Scrape(NewAppender(), _pages[0]);

    private int Scrape(ScrapeAppender appender, byte[] page)
    {
        var batch = _batches.Rent();
        _now++;
        appender.Append(new ScrapedPage(page, "text/plain", TimeSpan.FromSeconds(10)), batch, _now, DateTimeOffset.UnixEpoch, NoTime);
        var references = new ulong[batch.NewSeries.Count];
        for (var i = 0; i < references.Length; i++)
        {
            references[i] = ++_nextRef;
        }

        var count = batch.Count;
        _batches.Return(batch);
        appender.Settle(new AppendResult(0, null, references, [], []), null, _now);
        appender.EndRound(out _);
        return count;
    }

    private static ScrapeAppender NewAppender()
    {
        return SampleRules.TryCompile(new ScrapeConfig { JobName = "bench" }, out var rules, out var fault)
            ? new ScrapeAppender(rules, Labels.Of(("job", "bench"), ("instance", "host:9100")), 1, new FamilyInterner(), new SharedTexts())
            : throw new InvalidOperationException(fault);
    }

    private static byte[] Page(int turn, bool churn)
    {
        var random = new Random(turn);
        var page = new StringBuilder("# HELP http_requests_total The requests that were answered.\n# TYPE http_requests_total counter\n");
        for (var i = 0; i < 1000; i++)
        {
            var path = churn && i % 100 == 0 ? i + turn : i;
            page.Append(CultureInfo.InvariantCulture, $"http_requests_total{{method=\"GET\",handler=\"/api/v1/items/{path:d6}\",code=\"200\",zone=\"europe-west-{i % 7}\"}} ");
            page.Append(i % 3 == 0 ? random.NextDouble().ToString("F6", CultureInfo.InvariantCulture) : random.Next(1_000_000).ToString(CultureInfo.InvariantCulture)).Append('\n');
        }

        return Encoding.UTF8.GetBytes(page.ToString());
    }
}
