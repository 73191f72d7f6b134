using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>
/// A node over blocks and a head answers remote reads as stock Prometheus over a copy of the directory does, and a stock Prometheus that has nothing but
/// the node to read from computes the same as the one with the copy. So does one over a snapshot of the node.
/// </summary>
public sealed class RemoteReadTests
{
    private const int Pages = 60;
    private const int PagesOfAChunk = 150;
    private const int Counters = 12;
    private const string Everything = ".+";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Queries_OverRemoteRead_AreEqualToThoseOverACopy()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        var now = DateTimeOffset.UtcNow;
        await WriteBlocksAsync(folder, data, now.AddHours(-9), now.AddHours(-3));
        await ScrapeAsync(folder, data);

        await using var node = NodeProcess.Start(folder.File("quiet.yml", "scrape_configs: []\n"), data, null, "--web.enable-admin-api");
        await node.ReadyAsync(Deadline);
        await using var copy = await StockPrometheus.OpenCopyAsync(folder, data);
        await using var reader = StockPrometheus.Start(folder.File("reader.yml", $"remote_read: [{{url: '{node.Url("/api/v1/read")}', read_recent: true}}]\n"), folder.Sub("nothing"));
        await reader.ReadyAsync(Deadline);

        await AssertSameReadsAsync(node, copy, now);
        await AssertSameAsDumpAsync(node, await Tools.DumpAsync(folder.CopyOf(data, "dumped")));
        await AssertSameQueriesAsync(reader, copy, now);
        await AssertSameLabelsAsync(node, copy, now);

        using var answer = await node.PostAsync("/api/v1/admin/tsdb/snapshot");
        var name = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("data").GetProperty("name").GetString()!;
        await using var snapshot = await StockPrometheus.OpenCopyAsync(folder, Path.Combine(data, "snapshots", name));
        await AssertSameReadsAsync(snapshot, copy, now);
        Assert.Equal(await Tools.DumpAsync(Path.Combine(data, "snapshots", name)), await Tools.DumpAsync(folder.CopyOf(data, "to-dump")));
    }

    /// <summary>Blocks, closed chunks and a log of stock Prometheus, which was killed over them.</summary>
    [Fact]
    public async Task DirectoryThatStockJustWrote_IsReadAsStockReadsIt()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        var data = folder.Sub("written");
        var now = DateTimeOffset.UtcNow;
        await WriteBlocksAsync(folder, data, now.AddHours(-9), now.AddHours(-3));
        var config = ScrapeConfig(folder, exporter, "50ms");
        await using (var stock = StockPrometheus.Start(config, data))
        {
            await Wait.Until($"{PagesOfAChunk} pages, and closed chunks", Deadline,
                () => exporter.ServedOn("/metrics").Count > PagesOfAChunk && Directory.GetFiles(Path.Combine(data, "chunks_head")).Length > 0, () => stock.Output);
            await stock.KillAsync();
        }

        var dump = await Tools.DumpAsync(folder.CopyOf(data, "dumped"));
        await using var copy = await StockPrometheus.OpenCopyAsync(folder, data);
        await using var node = NodeProcess.Start(folder.File("quiet.yml", "scrape_configs: []\n"), data);
        await node.ReadyAsync(Deadline);

        await AssertSameReadsAsync(node, copy, now);
        await AssertSameAsDumpAsync(node, dump);
    }

    [Theory]
    [InlineData("stock_wal_compressed")]
    [InlineData("stock_wal_uncompressed")]
    [InlineData("stock_crashed_with_blocks")]
    public async Task DirectoryOfStock_IsReadAsStockReadsIt(string sample)
    {
        Tools.Require("prometheus");
        Assert.SkipUnless(Suites.TryFind(out var source, $"ondisk_samples/{sample}"), Suites.MissingReason);
        using var folder = new TestFolder();
        await using var node = NodeProcess.Start(folder.File("quiet.yml", "scrape_configs: []\n"), folder.CopyOf(source!, "data"), null, "--storage.tsdb.retention.time=100y");
        await using var stock = StockPrometheus.Start(folder.File("empty.yml", ""), folder.CopyOf(source!, "stock"));
        await node.ReadyAsync(Deadline);
        await stock.ReadyAsync(Deadline);

        await AssertSameAsDumpAsync(node, DumpOf($"{source}.dump.txt.gz"));
        var expected = await RemoteReader.SamplesAsync(stock, Everything, 0, long.MaxValue);
        Assert.True(expected.Count > 1000, $"{expected.Count} samples");
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await RemoteReader.SamplesAsync(node, Everything, 0, long.MaxValue)).Order(StringComparer.Ordinal));
        Assert.Equal(await RemoteReader.ChunksAsync(stock, Everything, 0, long.MaxValue), await RemoteReader.ChunksAsync(node, Everything, 0, long.MaxValue));
    }

    private static async Task AssertSameReadsAsync(HttpPeer server, HttpPeer oracle, DateTimeOffset now)
    {
        foreach (var (name, begin, end) in new[]
        {
            (Everything, now.AddHours(-10), now.AddHours(1)),
            ("requests_total", now.AddHours(-7.3), now.AddHours(-3.9)),
            ("up|scrape_.*", now.AddMinutes(-5), now.AddHours(1)),
            ("nosuch", now.AddHours(-10), now.AddHours(1)),
        })
        {
            var (fromMs, toMs) = (begin.ToUnixTimeMilliseconds(), end.ToUnixTimeMilliseconds());
            var expected = await RemoteReader.SamplesAsync(oracle, name, fromMs, toMs);
            Assert.True(expected.Count > 0 || name == "nosuch");
            Assert.Equal(expected.Order(StringComparer.Ordinal), (await RemoteReader.SamplesAsync(server, name, fromMs, toMs)).Order(StringComparer.Ordinal));
            Assert.Equal(await RemoteReader.ChunksAsync(oracle, name, fromMs, toMs), await RemoteReader.ChunksAsync(server, name, fromMs, toMs));
        }
    }

    private static async Task AssertSameAsDumpAsync(HttpPeer node, IEnumerable<string> dump)
    {
        var expected = Tools.Plain(dump).Order(StringComparer.Ordinal).ToList();
        Assert.Contains(expected, line => line.Contains(" NaN ", StringComparison.Ordinal));
        Assert.Equal(expected, RemoteReader.AsDump(await RemoteReader.SamplesAsync(node, Everything, 0, long.MaxValue)).Order(StringComparer.Ordinal));
    }

    /// <summary>Kept beside a directory of the suite; what it has of native histograms is left out.</summary>
    private static IEnumerable<string> DumpOf(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[(line.LastIndexOf('}') + 2)..].Split(' ').Length == 2)];
    }

    private static async Task AssertSameQueriesAsync(HttpPeer reader, HttpPeer oracle, DateTimeOffset now)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"&start={now.AddHours(-10).ToUnixTimeSeconds()}&end={now.AddMinutes(5).ToUnixTimeSeconds()}&step=61");
        foreach (var query in (string[])["sum(rate(requests_total[5m]))", "sum by (path) (rate(requests_total{path!~\"/1.*\"}[7m]))", "max_over_time(requests_total{path=\"/3\"}[1h])", "sum(up)"])
        {
            var path = $"/api/v1/query_range?query={Uri.EscapeDataString(query)}{range}";
            var expected = await oracle.TextAsync(path);
            Assert.Contains("\"values\"", expected, StringComparison.Ordinal);
            Assert.Equal(expected, await reader.TextAsync(path));
        }

        var raw = $"/api/v1/query?query={Uri.EscapeDataString("requests_total[12h]")}&time={now.AddMinutes(5).ToUnixTimeSeconds()}";
        Assert.Equal(SeriesOf(await oracle.DataAsync(raw)), SeriesOf(await reader.DataAsync(raw)));
    }

    /// <summary>Ranges end before the blocks do, or behind the head's first sample: stock Prometheus takes what is between for its head's, and answers with all of that.</summary>
    private static async Task AssertSameLabelsAsync(HttpPeer node, HttpPeer oracle, DateTimeOffset now)
    {
        string Between(double begin, double end) =>
            string.Create(CultureInfo.InvariantCulture, $"start={now.AddHours(begin).ToUnixTimeSeconds()}&end={now.AddHours(end).ToUnixTimeSeconds()}");
        foreach (var path in new[]
        {
            $"/api/v1/series?match[]={{__name__=~\".%2b\"}}&{Between(-10, 1)}", $"/api/v1/series?match[]=requests_total&match[]=up&{Between(-7.3, -3.9)}",
            $"/api/v1/labels?{Between(-10, 1)}", $"/api/v1/label/path/values?{Between(-10, 1)}", $"/api/v1/label/path/values?match[]=requests_total&{Between(-10, -3.5)}",
        })
        {
            var expected = (await oracle.DataAsync(path)).EnumerateArray().Select(item => item.GetRawText());
            Assert.Equal(expected.Order(StringComparer.Ordinal), (await node.DataAsync(path)).EnumerateArray().Select(item => item.GetRawText()).Order(StringComparer.Ordinal));
        }

        var page = await oracle.TextAsync("/federate?match[]={__name__=~\".%2b\"}");
        Assert.Contains("requests_total", page, StringComparison.Ordinal);
        Assert.Equal(page, await node.TextAsync("/federate?match[]={__name__=~\".%2b\"}"));
    }

    private static IEnumerable<string> SeriesOf(JsonElement data) =>
        data.GetProperty("result").EnumerateArray().Select(series => series.GetRawText()).Order(StringComparer.Ordinal);

    /// <summary>Counters that are reset now and then, as blocks of stock promtool.</summary>
    private static async Task WriteBlocksAsync(TestFolder folder, string data, DateTimeOffset from, DateTimeOffset to)
    {
        var text = new StringBuilder("# TYPE requests counter\n");
        for (var counter = 0; counter < Counters; counter++)
        {
            var value = counter * 10.5;
            for (var time = from; time < to; time = time.AddSeconds(15))
            {
                value = (time.Minute + counter) % 47 == 0 ? 0.25 : value + (time.Second * 0.37) + counter;
                text.Append(CultureInfo.InvariantCulture, $"requests_total{{path=\"/{counter}\"}} {value} {time.ToUnixTimeSeconds()}\n");
            }
        }

        var file = folder.File("blocks.om", text.Append("# EOF\n").ToString());
        Directory.CreateDirectory(data);
        var (exitCode, _, errors) = await Tools.RunAsync("promtool", "tsdb", "create-blocks-from", "openmetrics", file, data);
        Assert.True(exitCode == 0, errors);
        Assert.True(Directory.GetDirectories(data).Length >= 3);
    }

    /// <summary>Some of the same series again, in the head; every fifth page one of them is gone, which writes a staleness marker.</summary>
    private static async Task ScrapeAsync(TestFolder folder, string data)
    {
        await using var exporter = new ScriptedExporter();
        await using var node = NodeProcess.Start(ScrapeConfig(folder, exporter, "200ms"), data);
        await node.ReadyAsync(Deadline);
        await Wait.Until($"{Pages} pages", Deadline, () => exporter.ServedOn("/metrics").Count > Pages, () => node.Output);
        Assert.Equal(0, await node.StopAsync());
    }

    private static string ScrapeConfig(TestFolder folder, ScriptedExporter exporter, string interval)
    {
        exporter.OnPath("/metrics", n => string.Concat(Enumerable.Range(0, Counters + 2)
            .Where(counter => n % 5 != 0 || counter != 4)
            .Select(counter => string.Create(CultureInfo.InvariantCulture, $"requests_total{{path=\"/{counter}\"}} {n * (counter + 0.25)}\n"))));
        return folder.File("scrape.yml", $$"""
            global: {scrape_interval: {{interval}}, scrape_timeout: {{interval}}}
            scrape_configs:
            - job_name: requests
              static_configs: [targets: ['{{exporter.Address}}']]
              metric_relabel_configs: [{regex: 'job|instance', action: labeldrop}]
            """);
    }
}
