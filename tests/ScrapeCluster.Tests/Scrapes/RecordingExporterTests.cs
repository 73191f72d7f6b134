using System.Net;
using ScrapeCluster.Testing.Exporter;

namespace ScrapeCluster.Tests.Scrapes;

public sealed class RecordingExporterTests : IDisposable
{
    private readonly RecordingExporter _exporter = new(IPAddress.Loopback);
    private readonly HttpClient _http = new();

    [Fact]
    public async Task Scrape_IsAnsweredAndRecorded()
    {
        var target = _exporter.Add("t0", series: 25);
        var before = _exporter.Now;

        var page = await GetAsync("/t0?life=1");
        await GetAsync("/t0");

        Assert.Equal(26, page.TrimEnd().Split('\n').Length);
        var arrivals = target.Record.All();
        Assert.Equal(2, arrivals.Count);
        Assert.All(arrivals, arrival => Assert.Equal("127.0.0.1", arrival.From));
        Assert.InRange(arrivals[0].At, before, arrivals[1].At);
        Assert.True(arrivals[1].At < _exporter.Now);
    }

    [Fact]
    public async Task Drop_NextPageIsWithoutTheLine()
    {
        var target = _exporter.Add("t0", series: 3);
        target.Expose("passing{a=\"b\"} 1");
        Assert.Contains("passing{a=\"b\"} 1\n", await GetAsync("/t0"), StringComparison.Ordinal);

        target.Drop("passing{a=\"b\"} 1");

        Assert.DoesNotContain("passing", await GetAsync("/t0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownPath_IsNotFound()
    {
        using var answer = await _http.GetAsync($"http://{_exporter.Address}/t9");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public void HeavyTailed_ReachesFromSmallToHuge_AndNoneIsMoreThanHalfANodesShareOfFive()
    {
        var sizes = TargetSizes.HeavyTailed(200);

        Assert.Equal(TargetSizes.Least, sizes.Min());
        Assert.InRange(sizes.Max(), 1000, TargetSizes.Most);
        Assert.InRange(sizes.Max(), 0, sizes.Sum() / 10);
    }

    public void Dispose()
    {
        _http.Dispose();
        _exporter.Dispose();
    }

    private Task<string> GetAsync(string path) => _http.GetStringAsync($"http://{_exporter.Address}{path}");
}
