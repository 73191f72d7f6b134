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
        var config = folder.File("prometheus.yml", $$"""
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
        int killedAtA, killedAtB;
        await using (var node = NodeProcess.Start(config, data))
        {
            await node.ReadyAsync();
            await Wait.Until("25 pages of the scripted exporter", TimeSpan.FromSeconds(90), () => scripted.ServedOn("/a").Count > 25, () => node.Output);
            await node.KillAsync();
            killedAtA = scripted.ServedOn("/a").Count;
            killedAtB = scripted.ServedOn("/b").Count;
        }

        // 2. Restart on the same folder, scrape on, stop in order.
        await using (var node = NodeProcess.Start(config, data))
        {
            await node.ReadyAsync();
            await Wait.Until("15 more pages", TimeSpan.FromSeconds(60), () => scripted.ServedOn("/a").Count > killedAtA + 15, () => node.Output);
            Assert.Equal(0, await node.StopAsync());
        }

        // 3. Every acknowledged page is in what promtool reads.
        var dump = await Tools.DumpAsync(data);
        AssertStored(dump, "a", scripted.ServedOn("/a"), killedAtA);
        AssertStored(dump, "b", scripted.ServedOn("/b"), killedAtB);
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

    private static void AssertStored(HashSet<string> dump, string path, IReadOnlyList<Served> served, int killedAt)
    {
        var stored = new Dictionary<int, long>();
        var fillers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in dump.Where(line => line.Contains($"path=\"{path}\"", StringComparison.Ordinal)))
        {
            var value = line[(line.LastIndexOf('}') + 2)..].Split(' ');
            if (line.StartsWith("{__name__=\"page_number\"", StringComparison.Ordinal) && value[0] != "NaN")
            {
                stored[(int)double.Parse(value[0], CultureInfo.InvariantCulture)] = long.Parse(value[1], CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("{__name__=\"filler\"", StringComparison.Ordinal))
            {
                fillers.Add(value[0]);
            }
        }

        for (var n = 0; n < served.Count - 1; n++)
        {
            if (n == killedAt - 1)
            {
                continue; // in flight when the process was killed: nobody was told that it was stored
            }

            Assert.True(stored.TryGetValue(n, out var timestampMs), $"page {n} of /{path} was acknowledged and is not stored (killed after page {killedAt - 1})");
            Assert.InRange(served[n].RequestedAtMs - timestampMs, -5, 150);
            for (var i = 0; i < SeriesPerPage; i++)
            {
                Assert.Contains(FillerValue(n, i).ToString("R", CultureInfo.InvariantCulture), fillers);
            }
        }
    }

    private static double FillerValue(int page, int index) => (page * 1000) + index + 0.25;

    private static async Task PushAsync(int port)
    {
        using var http = new HttpClient();
        await Wait.Until("the pushgateway to take a push", TimeSpan.FromSeconds(20), async () =>
        {
            using var answer = await http.PutAsync($"http://127.0.0.1:{port}/metrics/job/batch", new StringContent("pushed_value 3.5\n"));
            return answer.IsSuccessStatusCode;
        });
    }
}
