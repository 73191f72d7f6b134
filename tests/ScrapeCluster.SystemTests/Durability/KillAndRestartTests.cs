using System.Globalization;
using System.Text;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Durability;

/// <summary>
/// Real exporters, kill -9 in the middle of scraping, a restart on the same folder, then a stop: every acknowledged sample is
/// read back by promtool and by stock Prometheus, which must find nothing damaged.
/// </summary>
public sealed class KillAndRestartTests
{
    private const int SeriesPerPage = 50;

    [Fact]
    public async Task KillRestartStop_EveryAcknowledgedSampleIsReadByStockTools()
    {
        Tools.Require("prometheus", "promtool", "prometheus-node-exporter", "prometheus-pushgateway");
        using var folder = new TestFolder();
        await using var scripted = new ScriptedExporter();
        scripted.OnPath("/a", n => PageOf("a", n));
        scripted.OnPath("/b", n => PageOf("b", n));
        var nodeExporterPort = Ports.Free();
        var pushgatewayPort = Ports.Free();
        await using var nodeExporter = new ChildProcess("prometheus-node-exporter", [$"--web.listen-address=127.0.0.1:{nodeExporterPort}"]);
        await using var pushgateway = new ChildProcess("prometheus-pushgateway", [$"--web.listen-address=127.0.0.1:{pushgatewayPort}"]);
        await PushAsync(pushgatewayPort);
        string Config(int life) => folder.File("prometheus.yml", $$"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
            - job_name: node
              static_configs: [targets: ['127.0.0.1:{{nodeExporterPort}}']]
            - job_name: push
              honor_labels: true
              static_configs: [targets: ['127.0.0.1:{{pushgatewayPort}}']]
            - job_name: scripted
              params: {life: ['{{life}}']}
              scrape_interval: 1s
              scrape_timeout: 1s
              static_configs:
              - targets: ['{{scripted.Address}}']
                labels: {__metrics_path__: /a, path: a}
              - targets: ['{{scripted.Address}}']
                labels: {__metrics_path__: /b, path: b}
            """);
        var data = folder.Sub("data");

        // 1. Scrape for a while, then kill -9.
        int killedAt;
        await using (var node = NodeProcess.Start(Config(1), data))
        {
            await node.ReadyAsync();
            await Wait.Until("25 pages of the scripted exporter", TimeSpan.FromSeconds(180), () => scripted.ServedOn("/a").Count > 25, () => node.Output);
            await node.KillAsync();
            killedAt = scripted.ServedOn("/a").Count;
        }

        // 2. Restart on the same folder, scrape on, stop in order.
        await using (var node = NodeProcess.Start(Config(2), data))
        {
            await node.ReadyAsync();
            await Wait.Until("15 more pages", TimeSpan.FromSeconds(180), () => scripted.ServedOn("/a").Count > killedAt + 15, () => node.Output);
            Assert.Equal(0, await node.StopAsync());
        }

        // 3. Every acknowledged page is in what promtool reads.
        var dump = await Tools.DumpAsync(data);
        AssertStored(dump, "a", scripted.AcknowledgedOn("/a"));
        AssertStored(dump, "b", scripted.AcknowledgedOn("/b"));
        Assert.Contains(dump, line => line.Contains("__name__=\"node_cpu_seconds_total\"", StringComparison.Ordinal));
        Assert.Contains(dump, line => line.Contains("__name__=\"pushed_value\"", StringComparison.Ordinal) && line.Contains("job=\"batch\"", StringComparison.Ordinal));
        Assert.True(dump.Count(line => line.StartsWith("{__name__=\"up\"", StringComparison.Ordinal) && line.Contains("job=\"node\"", StringComparison.Ordinal)) >= 15);

        // 4. Stock Prometheus opens a copy and answers the same.
        var copy = folder.CopyOf(data, "copy");
        File.Delete(Path.Combine(copy, "lock"));
        await using var stock = StockPrometheus.Start(folder.File("empty.yml", ""), copy);
        await stock.ReadyAsync();
        Assert.Equal(0, await stock.CorruptionsAsync());
        Assert.DoesNotContain("level=error", stock.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("level=warn", stock.Output, StringComparison.Ordinal);
        var answer = await stock.DataAsync("/api/v1/query?query=" + Uri.EscapeDataString("page_number{path=\"a\"}[1h]"));
        var values = answer.GetProperty("result")[0].GetProperty("values").EnumerateArray()
            .Select(pair => $"{pair[1].GetString()} {(long)Math.Round(pair[0].GetDouble() * 1000)}").ToHashSet(StringComparer.Ordinal);
        var dumped = dump.Where(line => line.StartsWith("{__name__=\"page_number\"", StringComparison.Ordinal) && line.Contains("path=\"a\"", StringComparison.Ordinal))
            .Select(line => line[(line.LastIndexOf('}') + 2)..]).Where(value => !value.StartsWith("NaN", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(dumped, values);
    }

    private static string PageOf(string path, int number)
    {
        var page = new StringBuilder($"# TYPE page_number gauge\npage_number {number}\n");
        for (var i = 0; i < SeriesPerPage; i++)
        {
            page.Append(CultureInfo.InvariantCulture, $"filler{{i=\"{i}\"}} {(number * 1000) + i}.25\n");
        }

        return page.Append(path == "a" ? "" : "only_b 1\n").ToString();
    }

    private static void AssertStored(HashSet<string> dump, string path, IReadOnlyList<Served> acknowledged)
    {
        var stored = StoredScrapes.Of(dump, $"path=\"{path}\"").AssertHasAll(acknowledged, SeriesPerPage);
        Assert.True(stored > acknowledged.Count / 2, $"only {stored} of {acknowledged.Count} pages of /{path} are stored; the other scrapes failed");
    }

    private static async Task PushAsync(int port)
    {
        using var http = new HttpClient();
        await Wait.Until("the pushgateway to take a push", TimeSpan.FromSeconds(60), async () =>
        {
            using var answer = await http.PutAsync($"http://127.0.0.1:{port}/metrics/job/batch", new StringContent("pushed_value 3.5\n"));
            return answer.IsSuccessStatusCode;
        });
    }
}
