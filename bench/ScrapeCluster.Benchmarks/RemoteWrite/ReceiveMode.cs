using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Receiving;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.Storage;

namespace ScrapeCluster.Benchmarks.RemoteWrite;

/// <summary>
/// The receiver of remote write from a request's body to head and log, without a network: samples a second of processor time. Requests are made before; their series are
/// known when it counts, as those of all requests of a sender but its first.
/// </summary>
internal static class ReceiveMode
{
    private const int Scrapes = 30;
    private const int ScrapesBefore = 5;
    private const long FirstMs = 1_795_430_000_000;

    public static async Task RunAsync(int targets, int series)
    {
        var pages = new LoadPages(series, ownPaths: false);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{targets} targets x {pages.Count} series x {Scrapes - ScrapesBefore} scrapes"));
        foreach (var (message, batch) in ((WriteMessage, int)[])[(WriteMessage.V1, 2_000), (WriteMessage.V1, 10_000), (WriteMessage.V2, 2_000), (WriteMessage.V2, 10_000)])
        {
            var bodies = BodiesOf(pages, targets, message, batch, out var first);
            await MeasureAsync(bodies, first, message, batch, (long)targets * pages.Count * (Scrapes - ScrapesBefore));
        }
    }

    /// <param name="first">Of the requests that count.</param>
    private static List<byte[]> BodiesOf(LoadPages pages, int targets, WriteMessage message, int batch, out int first)
    {
        var store = new LabelStore(withSymbols: true);
        var sets = Enumerable.Range(0, targets).Select(target => pages.LabelsOf(target).Select(labels => new StoredLabels(store, store.Add(labels))).ToArray()).ToArray();
        var families = new FamilyTable(() => LoadPages.Families().Select(family => new MetadataEntry(family.Name, family.Metadata)), TimeSpan.FromHours(1), TimeProvider.System);
        families.Refresh();
        var v1 = new WriteRequestEncoder();
        var v2 = new WriteV2Encoder(families);
        var bodies = new List<byte[]>();
        first = 0;
        for (var scrape = 1; scrape <= Scrapes; scrape++)
        {
            var samples = Enumerable.Range(0, targets)
                .SelectMany(target => pages.ValuesOf(target, scrape).Select((value, i) => new PendingSample(sets[target][i], FirstMs + (scrape * 1000), value))).ToArray();
            for (var at = 0; at < samples.Length; at += batch)
            {
                var part = samples.AsSpan(at, Math.Min(batch, samples.Length - at));
                bodies.Add((message == WriteMessage.V1 ? v1.Encode(part) : v2.Encode(part)).ToArray());
            }

            first = scrape == ScrapesBefore ? bodies.Count : first;
        }

        return bodies;
    }

    private static async Task MeasureAsync(List<byte[]> bodies, int first, WriteMessage message, int batch, long samples)
    {
        var directory = Directory.CreateTempSubdirectory("receive-bench-").FullName;
        if (!LocalStorage.TryOpen(
            new StorageOptions(directory), new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out var storage, out var fault)
            || (fault = storage.Replay()) is not null)
        {
            throw new InvalidOperationException(fault);
        }

        using (storage)
        {
            var receiver = ReceiverOver(storage);
            await SendAsync(bodies[..first]);
            GC.Collect();
            var (cpu, allocated) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));
            await SendAsync(bodies[first..]);
            cpu = Environment.CpuUsage.TotalTime - cpu;
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(message == WriteMessage.V1 ? "1.0" : "2.0")} in requests of {batch,6}: {samples / cpu.TotalSeconds / 1e6:F2} M samples a second of CPU, {cpu.TotalNanoseconds / samples:F0} ns and {(double)allocated / samples:F2} bytes allocated a sample"));

            async Task SendAsync(List<byte[]> requests)
            {
                foreach (var request in requests)
                {
                    var answer = await receiver.StoreAsync(message, request);
                    if (answer.Text is { } text)
                    {
                        throw new InvalidOperationException(text);
                    }
                }
            }
        }

        Directory.Delete(directory, recursive: true);
    }

    private static WriteReceiver ReceiverOver(LocalStorage storage)
    {
        var settings = new RemoteWriteReceiverSettings { Enabled = true, MaxBodyBytes = 32 << 20, MaxPendingBytes = 256 << 20, Concurrency = 1 };
        var pool = new SampleBatchPool();
        var known = new KnownSeries(TimeProvider.System);
        var metrics = new ReceiverMetrics(new MetricsRegistry(), static () => 0, static () => 0);
        return new WriteReceiver(settings, describes: false, new SampleIntake(pool, Append), known, new SeriesKeys(1), metrics, TimeProvider.System);

        Task<AppendResult> Append(SampleBatch batch)
        {
            var result = storage.Writer.Append(batch);
            pool.Return(batch);
            return Task.FromResult(result);
        }
    }
}
