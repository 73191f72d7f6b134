using System.Globalization;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Receiving;

/// <summary>Stock senders of remote write 1.0 feed a node, which scrapes nothing itself: what it has then is what they have or sent, bit for bit.</summary>
public sealed class ReceiverTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <summary>A series that comes and goes leaves stale markers; the values are those that go wrong most easily.</summary>
    internal static string PageOf(int number) => string.Create(CultureInfo.InvariantCulture, $$"""
        # TYPE page_number counter
        page_number {{number}}
        tenth{path="/a b",q="\"\\é"} {{number / 10.0}}
        tiny 5e-324
        huge 1.7976931348623157e308
        not_a_number NaN
        up_there +Inf
        down_there -Inf
        minus_zero -0
        {{(number % 4 < 2 ? "now_and_then 1\n" : "")}}

        """);

    [Fact]
    public async Task StockPrometheusAndVmagent_SendToOneNode_WhichHasTheSameSamples()
    {
        Tools.Require("prometheus", "vmagent");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/metrics", PageOf);
        exporter.OnPath("/for-vmagent", PageOf);
        await using var node = NodeProcess.Start(folder.File("quiet.yml", "scrape_configs: []\n"), folder.Sub("data"), null, "--web.enable-remote-write-receiver");
        await node.ReadyAsync(Deadline);
        await using var receiver = new RecordingReceiver();
        await using var stock = StockPrometheus.Start(
            folder.File("prometheus.yml", ScrapeConfig("stock", "/metrics", exporter) + RemoteWrites(node.Url("/api/v1/write"), receiver.Url("/stock"))), folder.Sub("stock"));
        await using var vmagent = new Vmagent(
            folder.File("scrape.yml", ScrapeConfig("vmagent", "/for-vmagent", exporter)), folder.Sub("queue"), node.Url("/api/v1/write"), receiver.Url("/vmagent"));
        await AssertSameAsync(node, receiver, "vmagent", vmagent);
        var toMs = await AssertSameAsync(node, receiver, "stock", stock);
        Assert.Equal(
            (await RemoteReader.SamplesAsync(stock, ".+", 0, toMs)).Order(StringComparer.Ordinal),
            (await RemoteReader.SamplesAsync(node, ".+", 0, toMs)).Where(line => IsOf("stock", line)).Order(StringComparer.Ordinal));
        Assert.Equal(0, await node.MetricAsync("prometheus_api_remote_write_invalid_labels_samples_total"));
        Assert.Equal(0, await node.MetricAsync("scrapecluster_remote_write_receiver_refused_samples_total{reason=\"out_of_order\"}"));
    }

    /// <summary>What an agent receives it sends on; nothing can be asked for there.</summary>
    [Fact]
    public async Task StockPrometheus_SendsToAnAgent_WhichSendsTheSameOn()
    {
        Tools.Require("prometheus");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/metrics", PageOf);
        await using var receiver = new RecordingReceiver();
        var behind = folder.File("agent.yml", RemoteWrites(receiver.Url("/behind")));
        await using var node = NodeProcess.Start(behind, folder.Sub("data-agent"), null, "--agent", "--web.enable-remote-write-receiver");
        await node.ReadyAsync(Deadline);
        var config = folder.File("prometheus.yml", ScrapeConfig("stock", "/metrics", exporter) + RemoteWrites(node.Url("/api/v1/write"), receiver.Url("/stock")));
        await using var stock = StockPrometheus.StartAgent(config, folder.Sub("stock"));
        await stock.ReadyAsync(Deadline);
        await Wait.Until("20 pages", Deadline, () => exporter.ServedOn("/metrics").Count >= 20, () => stock.Output);
        var sent = receiver.On("/stock");
        Assert.Contains(sent, sample => sample.IsStale);
        await Wait.Until(
            "what was sent to the agent to be sent on",
            Deadline,
            () => Lines(sent).ToHashSet(StringComparer.Ordinal).IsSubsetOf(Lines(receiver.On("/behind"))),
            () => node.Output);
    }

    /// <summary>Everything that the recorder beside the node was sent up to a time is in the node in the end, and nothing else of that time is. Answers with the time.</summary>
    private static async Task<long> AssertSameAsync(NodeProcess node, RecordingReceiver receiver, string job, ChildProcess sender)
    {
        IReadOnlyList<WrittenSample> Sent() => receiver.On("/" + job);
        await Wait.Until("20 pages to be sent", Deadline, () => Sent().Count(sample => sample.Name == "page_number") >= 20, () => sender.Output);
        Assert.Contains(Sent(), sample => sample.IsStale);

        // Both queues of the sender have what is a second older than the newest that one of them has sent, at the latest when they catch up.
        var toMs = Sent().Where(sample => sample.Name == "page_number").Max(sample => sample.TimestampMs) - 1000;
        IEnumerable<string> Wanted() => Lines(Sent().Where(sample => sample.TimestampMs <= toMs)).Order(StringComparer.Ordinal);
        IReadOnlyList<string> stored = [];
        await Wait.Until(
            "the node to have what was sent",
            Deadline,
            async () =>
            {
                stored = [.. (await RemoteReader.SamplesAsync(node, ".+", 0, toMs)).Where(line => IsOf(job, line)).Order(StringComparer.Ordinal)];
                return Wanted().SequenceEqual(stored);
            },
            () => $"{stored.Count} samples of {Wanted().Count()}, not there: {string.Join('\n', Wanted().Except(stored).Take(5))}\n{sender.Output}");
        return toMs;
    }

    private static bool IsOf(string job, string line) => line.Contains($"job=\"{job}\"", StringComparison.Ordinal);

    private static string ScrapeConfig(string job, string path, ScriptedExporter exporter) => $$"""
        global: {scrape_interval: 200ms, scrape_timeout: 200ms}
        scrape_configs:
        - job_name: {{job}}
          metrics_path: {{path}}
          static_configs: [targets: ['{{exporter.Address}}']]

        """;

    private static string RemoteWrites(params string[] urls) =>
        "remote_write:\n" + string.Concat(urls.Select(url => $"- {{url: '{url}', queue_config: {{batch_send_deadline: 200ms}}}}\n"));

    /// <summary>As <see cref="RemoteReader"/> writes them.</summary>
    private static IEnumerable<string> Lines(IEnumerable<WrittenSample> samples) => samples.Select(sample =>
        "{" + string.Join(", ", sample.Labels.Select(label => $"{label.Key}=\"{label.Value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"")) + $"}} {sample.Bits:x} @{sample.TimestampMs}");

    private sealed class Vmagent(string config, string queue, params string[] urls) : HttpPeer("vmagent", Arguments(config, queue, urls, Ports.Free(), out var port), port)
    {
        private static string[] Arguments(string config, string queue, string[] urls, int free, out int port)
        {
            port = free;

            // With more queues it sends samples of one series beside each other, and so out of order.
            return
            [
                "-remoteWrite.queues=1", $"-promscrape.config={config}", $"-remoteWrite.tmpDataPath={queue}", $"-httpListenAddr=127.0.0.1:{port}", "-remoteWrite.flushInterval=200ms",
                .. urls.Select(url => $"-remoteWrite.url={url}"),
            ];
        }
    }
}
