using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.Storage;

namespace ScrapeCluster.SystemTests.Receiving;

/// <summary>One node sends to another by remote write 2.0.</summary>
public sealed class OwnSenderTests
{
    private const int Pages = 8;
    private const string Stored = "scrapecluster_remote_write_receiver_samples_total{protocol=\"2.0\"}";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    /// <summary>
    /// The sender is killed in between. Whatever it has stored the receiver has, to the bits of staleness markers and odd values, with its metadata; and nothing else. Had the receiver
    /// not said what it wrote, the sender would count failures (https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/#required-written-response-headers).
    /// </summary>
    [Fact]
    public async Task Node_SendsToANode_AndIsKilledMeanwhile_BothHaveTheSame()
    {
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/metrics", ReceiverTests.PageOf);
        await using var receiver = NodeProcess.Start(
            folder.File("quiet.yml", "scrape_configs: []\n"), folder.Sub("receiver"), null, "--web.enable-remote-write-receiver", "--enable-feature=metadata-wal-records");
        await receiver.ReadyAsync(Deadline);
        var config = folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 500ms, scrape_timeout: 500ms}
            scrape_configs:
            - job_name: own
              static_configs: [targets: ['{{exporter.Address}}']]
            remote_write:
            - url: {{receiver.Url("/api/v1/write")}}
              protobuf_message: io.prometheus.write.v2.Request
              queue_config: {batch_send_deadline: 200ms}

            """);

        // 1. A first life, cut off while it sends.
        await using (var first = NodeProcess.Start(config, folder.Sub("sender")))
        {
            await PagesAsync(first, exporter);
            await Wait.Until("samples at the receiver", Deadline, async () => (await receiver.MetricAsync(Stored)) > 0, () => first.Output + receiver.Output);
            await first.KillAsync();
        }

        // 2. A second one: all that is older than its newest scrape by then, which may be read in part, arrives.
        await using var sender = NodeProcess.Start(config, folder.Sub("sender"));
        await PagesAsync(sender, exporter);
        IReadOnlyList<string> sent = [];
        var toMs = 0L;
        await Wait.Until("a series that ends among what is stored", Deadline, async () =>
        {
            var all = await RemoteReader.ChunksAsync(sender, ".+", 0, long.MaxValue);
            toMs = all.Max(TimeOf) - 1;
            sent = UpTo(all, toMs);
            return sent.Any(line => Is("now_and_then", WrittenSample.StaleBits, line)) && sent.Any(line => Is("minus_zero", 0x8000000000000000, line));
        }, () => sender.Output);
        IReadOnlyList<string> received = [];
        await Wait.Until(
            $"{sent.Count} samples at the receiver",
            Deadline,
            async () => (received = UpTo(await RemoteReader.ChunksAsync(receiver, ".+", 0, long.MaxValue), toMs)).SequenceEqual(sent),
            () => $"{received.Count} are there, missing: {string.Join('\n', sent.Except(received).Take(5))}, more: {string.Join('\n', received.Except(sent).Take(5))}\n{sender.Output}\n{receiver.Output}");

        // 3. Nothing failed, and what was said of the metrics came along.
        var page = (await sender.TextAsync("/metrics")).Split('\n');
        Assert.Equal(0, Sum(page, "prometheus_remote_storage_samples_failed_total"));
        Assert.InRange(Sum(page, "prometheus_remote_storage_samples_total"), 1, double.MaxValue);
        await Wait.Until("metadata in the receiver's log", Deadline, () =>
        {
            var metadata = MetadataRecordsTests.MetadataOf(folder.Sub("receiver"));
            return metadata.Exists(entry => entry.Name == "page_number" && entry.Metadata.Type == MetricType.Counter) && metadata.Exists(entry => entry.Name == "up" && entry.Metadata.Type == MetricType.Gauge);
        }, () => receiver.Output);
        await AssertWrittenHeadersAsync(receiver);
    }

    /// <summary>Request { 4: "", "__name__", "by_hand"; 5: TimeSeries { 1: refs 1 2, 2: Sample { 1: 0 (left out), 2: now } } }.</summary>
    private static async Task AssertWrittenHeadersAsync(NodeProcess receiver)
    {
        byte[] sample = [16, .. Varint((ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds())];
        byte[] series = [10, 2, 1, 2, 18, (byte)sample.Length, .. sample];
        byte[] request = [34, 0, .. Symbol("__name__"), .. Symbol("by_hand"), 42, (byte)series.Length, .. series];
        using var body = new ByteArrayContent(IronSnappy.Snappy.Encode(request));
        body.Headers.TryAddWithoutValidation("Content-Type", WriteV2Reader.ContentType);
        body.Headers.TryAddWithoutValidation("Content-Encoding", "snappy");
        using var answer = await receiver.PostAsync("/api/v1/write", body);
        Assert.Equal(204, (int)answer.StatusCode);
        Assert.Equal(
            ["Exemplars 0", "Histograms 0", "Samples 1"],
            answer.Headers.Where(header => header.Key.EndsWith("-Written", StringComparison.Ordinal)).Select(header => $"{header.Key.Split('-')[^2]} {header.Value.Single()}").Order(StringComparer.Ordinal));

        static byte[] Symbol(string text) => [34, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];
    }

    private static async Task PagesAsync(NodeProcess node, ScriptedExporter exporter)
    {
        await node.ReadyAsync(Deadline);
        var asked = exporter.ServedOn("/metrics").Count + Pages;
        await Wait.Until($"page {asked}", Deadline, () => exporter.ServedOn("/metrics").Count >= asked, () => node.Output);
    }

    private static IReadOnlyList<string> UpTo(IEnumerable<string> lines, long toMs) => [.. lines.Where(line => TimeOf(line) <= toMs).Order(StringComparer.Ordinal)];

    private static bool Is(string name, ulong bits, string line) => line.Contains($"\"{name}\"", StringComparison.Ordinal) && line.Contains($" {bits:x} @", StringComparison.Ordinal);

    private static long TimeOf(string line) => long.Parse(line[(line.LastIndexOf('@') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private static double Sum(string[] page, string name) => page.Where(line => line.StartsWith(name + "{", StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
