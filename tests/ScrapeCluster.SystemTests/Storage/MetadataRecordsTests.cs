using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>A node with <c>--enable-feature=metadata-wal-records</c>: what targets say of their metrics is in its WAL, which stock programs read.</summary>
public sealed class MetadataRecordsTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Node_WithTheFeature_WritesWhatTargetsSayOnce_AndStockOpensIt()
    {
        Tools.Require("prometheus", "promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        var help = "Early.";
        exporter.OnPath("/metrics", n => $"# HELP requests {Volatile.Read(ref help)}\n# TYPE requests counter\nrequests_total{{x=\"1\"}} {n}\nrequests_total{{x=\"2\"}} {n}\n");
        var config = folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 200ms, scrape_timeout: 200ms}
            scrape_configs:
            - job_name: shared
              static_configs: [targets: ['{{exporter.Address}}']]
            """);
        var data = folder.Sub("data");
        await using (var node = Start(config, data))
        {
            await node.ReadyAsync(Deadline);
            var flags = await node.DataAsync("/api/v1/status/flags");
            Assert.Equal("metadata-wal-records", flags.GetProperty("enable-feature").GetString());
            await Wait.Until("the first text of two series", Deadline, () => RequestsOf(data).Count == 2, () => node.Output);
            Volatile.Write(ref help, "Late.");
            await Wait.Until("the second text of two series", Deadline, () => RequestsOf(data).Count == 4, () => node.Output);
            await node.KillAsync();
        }

        Assert.Equal(["Early.", "Early.", "Late.", "Late."], RequestsOf(data).Select(metadata => metadata.Help));
        Assert.All(RequestsOf(data), metadata => Assert.Equal(MetricType.Counter, metadata.Type));
        var before = MetadataOf(data).Count;
        Assert.Contains(MetadataOf(data), entry => entry.Name == "up" && entry.Metadata.Type == MetricType.Gauge);

        // The next process learns from the log what it says, and has nothing to add.
        await using (var node = Start(config, data))
        {
            await node.ReadyAsync(Deadline);
            await Wait.Until("the target to be up", Deadline, async () =>
                (await node.DataAsync("/api/v1/targets?state=active")).GetProperty("activeTargets").EnumerateArray().Any(target => target.GetProperty("health").GetString() == "up"),
                () => node.Output);
            await node.KillAsync();
        }

        Assert.Equal(before, MetadataOf(data).Count);
        Assert.Contains(await Tools.DumpAsync(data), line => line.Contains("requests_total", StringComparison.Ordinal));
        await StockPrometheus.AssertOpensAsync(folder, data);
    }

    private static NodeProcess Start(string config, string data) => NodeProcess.Start(config, data, null, "--enable-feature=metadata-wal-records");

    private static List<MetricMetadata> RequestsOf(string data) =>
        [.. MetadataOf(data).Where(entry => entry.Name == "requests_total").Select(entry => entry.Metadata)];

    /// <summary>All that the log says of metrics, by the names of their series.</summary>
    internal static List<(string Name, MetricMetadata Metadata)> MetadataOf(string data)
    {
        var names = new Dictionary<ulong, string>();
        var found = new List<(string, MetricMetadata)>();
        var labels = new LabelsBuilder();
        using var reader = new WalReader(Path.Combine(data, "wal"));
        while (reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] == WalRecordType.Series)
            {
                for (var series = new SeriesRecordReader(record); series.MoveNext();)
                {
                    series.ReadLabels(labels);
                    names[series.Ref] = labels.ToLabels().Get(Labels.MetricName)!;
                }
            }
            else if ((WalRecordType)record[0] == WalRecordType.Metadata)
            {
                for (var entries = new MetadataRecordReader(record); entries.MoveNext();)
                {
                    found.Add((names[entries.Ref], entries.ToMetadata()));
                }
            }
        }

        return found;
    }
}
