using System.Globalization;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Stock Prometheus of the distribution, the oracle for formats and behaviour.</summary>
internal sealed class StockPrometheus : HttpPeer
{
    private static readonly string[] FaultCounters =
    [
        "prometheus_tsdb_wal_corruptions_total", "prometheus_tsdb_mmap_chunk_corruptions_total", "prometheus_tsdb_compactions_failed_total",
        "prometheus_tsdb_reloads_failures_total", "prometheus_tsdb_head_truncations_failed_total", "prometheus_tsdb_wal_truncations_failed_total",
        "prometheus_tsdb_checkpoint_creations_failed_total", "prometheus_tsdb_checkpoint_deletions_failed_total",
    ];

    private StockPrometheus(int port, IEnumerable<string> arguments) : base("prometheus", arguments, port)
    {
    }

    public static StockPrometheus Start(string configFile, string dataFolder, params string[] more)
    {
        return StartOn(Ports.Free(), configFile, dataFolder, more);
    }

    public static StockPrometheus StartOn(int port, string configFile, string dataFolder, params string[] more)
    {
        return new StockPrometheus(port,
        [
            $"--config.file={configFile}", $"--storage.tsdb.path={dataFolder}", "--storage.tsdb.retention.time=100y",
            $"--web.listen-address=127.0.0.1:{port}", .. more,
        ]);
    }

    public static StockPrometheus StartAgent(string configFile, string dataFolder)
    {
        var port = Ports.Free();
        return new StockPrometheus(port,
            [$"--config.file={configFile}", "--enable-feature=agent", $"--storage.agent.path={dataFolder}", $"--web.listen-address=127.0.0.1:{port}"]);
    }

    /// <summary>Opens a copy of a data directory: ready, no corruption counted, no complaint in its log. The process goes on, for questions.</summary>
    public static async Task<StockPrometheus> OpenCopyAsync(TestFolder folder, string data, params string[] more)
    {
        var copy = folder.CopyOf(data, "stock-" + Guid.NewGuid().ToString("N"));
        var stock = Start(folder.File("empty.yml", ""), copy, more);
        await stock.ReadyAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, await stock.CorruptionsAsync());
        Assert.DoesNotContain("level=error", stock.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("level=warn", stock.Output, StringComparison.Ordinal);
        return stock;
    }

    public static async Task AssertOpensAsync(TestFolder folder, string data)
    {
        await using var stock = await OpenCopyAsync(folder, data);
    }

    /// <summary>Sum of the counters that say that something on disk was damaged or failed; they must be 0 on a directory that we wrote.</summary>
    public async Task<double> CorruptionsAsync()
    {
        var page = await TextAsync("/metrics");
        return FaultCounters.Sum(name => double.Parse(
            page.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture));
    }
}
