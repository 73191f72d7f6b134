using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

public class ScrapeRehearsalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Run_AsksForBothTextFormats()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok("# TYPE a counter\na_total 1\nb{c=\"d\"} 2\n# EOF\n", "Content-Type: application/openmetrics-text\r\n"));

        await ScrapeRehearsal.RunAsync(AddressOf(exporter), Patience, TestContext.Current.CancellationToken);

        Assert.Contains(exporter.Requests, request => request.Contains("Accept: text/plain", StringComparison.Ordinal));
        Assert.Contains(exporter.Requests, request => request.Contains("Accept: application/openmetrics-text", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("no HTTP at all\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\na{b= 1 1\n")]
    public async Task Run_PageThatCannotBeRead_EndsWithoutAWord(string answer)
    {
        await using var exporter = new SocketExporter(answer);

        await ScrapeRehearsal.RunAsync(AddressOf(exporter), Patience, TestContext.Current.CancellationToken);

        Assert.NotEmpty(exporter.Requests);
    }

    private static string AddressOf(SocketExporter exporter) => new Uri(exporter.Url).Authority;
}
