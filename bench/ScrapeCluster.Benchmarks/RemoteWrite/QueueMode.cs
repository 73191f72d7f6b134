using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.RemoteWrite.Following;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.RemoteWrite.Queues;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Benchmarks.RemoteWrite;

/// <summary>
/// From the log to an encoded request, without a network: CPU and bytes allocated a sample, with one shard and with several. A thousand series a target, as many
/// targets as it takes, each scrape one batch of the log.
/// </summary>
internal static class QueueMode
{
    private const int SeriesPerTarget = 1_000;

    public static async Task RunAsync(int series, int scrapes)
    {
        var directory = Directory.CreateTempSubdirectory("queue-bench-").FullName;
        try
        {
            var walDirectory = Path.Combine(directory, "wal");
            using var wal = WalWriter.Open(walDirectory);
            Write(wal, series, scrapes);
            foreach (var shards in (int[])[1, 1, 4])
            {
                await MeasureAsync(walDirectory, wal, shards, (long)series * scrapes);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Write(WalWriter wal, int series, int scrapes)
    {
        var random = new Random(1);
        var batch = new WalBatch();
        for (var scrape = 0; scrape < scrapes; scrape++)
        {
            for (var first = 0; first < series; first += SeriesPerTarget)
            {
                batch.Clear();
                for (var i = first; i < Math.Min(series, first + SeriesPerTarget); i++)
                {
                    if (scrape == 0)
                    {
                        batch.AddSeries((ulong)i + 1, LabelsOf(i));
                    }

                    batch.AddSample((ulong)i + 1, 1_700_000_000_000 + (scrape * 1_000), random.Next(1000));
                }

                if (wal.Append(batch) is { } fault)
                {
                    throw new IOException(fault.ToString());
                }
            }
        }
    }

    private static Labels LabelsOf(int series) => Labels.Of(
        ("__name__", $"http_requests_total_{series % SeriesPerTarget / 10}"),
        ("code", (series % 10).ToString(CultureInfo.InvariantCulture)),
        ("instance", $"10.0.{series / SeriesPerTarget / 250}.{series / SeriesPerTarget % 250}:9100"),
        ("job", "node"));

    private static async Task MeasureAsync(string walDirectory, WalWriter wal, int shards, long samples)
    {
        var config = new RemoteWriteConfig { Url = "http://nobody", Queue = new QueueConfig { MinShards = shards } };
        var metrics = new QueueMetrics(new RemoteWriteMetrics(new MetricsRegistry(), new AppendedSamples()), "q", config);
        var start = new QueueStart([.. Enumerable.Repeat(new ShardStart(new SamplePosition(0, 0, 0)), shards)], []);
        var path = Path.Combine(walDirectory, "..", "q.positions");
        using var journal = new PositionJournal("q", config.Url, path, start, null, new OwedLog(), NullLogger.Instance, TimeProvider.System);
        var limit = new ReadLimit(new WalPosition(0, 0));
        var client = new NullClient();
        GC.Collect();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        var gate = SendingGate.Open(wal.Published, TimeProvider.System).Add("q", takesLate: false, static () => default);
        using var queue = new RemoteWriteQueue(
            config, new SentSeries(Labels.Empty, []), walDirectory, wal.Published, journal, limit, gate, new SwappedClient(client), metrics, null, new AppendedSamples(),
            null, NullLoggerFactory.Instance, TimeProvider.System);
        await queue.StopAsync(wal.Published.Position, TimeSpan.FromMinutes(10), UnsentRest.Owed);
        var wall = clock.Elapsed;
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{shards} shards: {samples:N0} samples, {cpu.TotalNanoseconds / samples:F1} ns CPU and {(double)allocated / samples:F2} bytes allocated a sample, {wall.TotalSeconds:F2} s, {client.Requests:N0} requests of {client.Bytes / (double)samples:F2} bytes a sample"));
        if (metrics.SentCount != samples)
        {
            throw new InvalidOperationException($"{metrics.SentCount} of {samples} samples were sent");
        }
    }

    private sealed class NullClient : IWriteClient
    {
        private long _requests;
        private long _bytes;

        public long Requests => _requests;

        public long Bytes => _bytes;

        public WireFormat Format { get; } = new(RemoteWriteMessage.V1);

        public Task<StoreOutcome> StoreAsync(EncodedRequest request, int attempt, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _requests);
            Interlocked.Add(ref _bytes, request.Length);
            return Task.FromResult(StoreOutcome.Stored);
        }

        public void Dispose()
        {
        }
    }
}
