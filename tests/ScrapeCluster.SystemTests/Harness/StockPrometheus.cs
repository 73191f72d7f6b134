namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Stock Prometheus of the distribution, the oracle for formats and behaviour.</summary>
internal sealed class StockPrometheus : HttpPeer
{
    private StockPrometheus(int port, IEnumerable<string> arguments) : base("prometheus", arguments, port)
    {
    }

    public static StockPrometheus Start(string configFile, string dataFolder, params string[] more)
    {
        var port = Ports.Free();
        return new StockPrometheus(port,
        [
            $"--config.file={configFile}", $"--storage.tsdb.path={dataFolder}", "--storage.tsdb.retention.time=100y",
            $"--web.listen-address=127.0.0.1:{port}", .. more,
        ]);
    }

    /// <summary>Sum of the counters that say that something on disk was damaged; they must be 0 on a directory that we wrote.</summary>
    public async Task<double> CorruptionsAsync()
    {
        return (await MetricAsync("prometheus_tsdb_wal_corruptions_total") ?? 0) + (await MetricAsync("prometheus_tsdb_mmap_chunk_corruptions_total") ?? 0);
    }
}
