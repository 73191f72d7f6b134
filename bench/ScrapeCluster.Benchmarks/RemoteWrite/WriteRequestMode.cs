using System.Diagnostics;
using System.Globalization;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.Storage.Compression;

namespace ScrapeCluster.Benchmarks.RemoteWrite;

/// <summary>What a sample costs on its way over the wire: bytes, and processor time of the encoders and of the compression alone.</summary>
internal static class WriteRequestMode
{
    private const int Scrapes = 10;

    public static void Run(int targets, int series, int batch)
    {
        Run(new LoadPages(series, ownPaths: false), targets, batch, "paths shared");
        Run(new LoadPages(series, ownPaths: true), targets, batch, "a path each");
    }

    private static void Run(LoadPages pages, int targets, int batch, string shape)
    {
        var store = new LabelStore(withSymbols: true);
        var sets = Enumerable.Range(0, targets).Select(target => pages.LabelsOf(target).Select(labels => new StoredLabels(store, store.Add(labels))).ToArray()).ToArray();
        var samples = new List<PendingSample>();
        for (var scrape = 1; scrape <= Scrapes; scrape++)
        {
            for (var target = 0; target < targets; target++)
            {
                var time = 1_795_430_000_123 + (scrape * 1000) + (target * 1000 / targets);
                samples.AddRange(pages.ValuesOf(target, scrape).Select((value, i) => new PendingSample(sets[target][i], time, value)));
            }
        }

        var all = samples.ToArray();
        var families = new FamilyTable(() => LoadPages.Families().Select(family => new MetadataEntry(family.Name, family.Metadata)), TimeSpan.FromHours(1), TimeProvider.System);
        families.Refresh();
        var v1 = new WriteRequestEncoder();
        var v2 = new WriteV2Encoder(families);
        var bare = new WriteV2Encoder(null);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{targets} targets x {pages.Count} series x {Scrapes} scrapes, {shape}, {batch} samples a request"));
        Measure("1.0", all, batch, span => v1.Encode(span), () => v1.MessageLength);
        Measure("2.0", all, batch, span => v2.Encode(span), () => v2.MessageLength);
        Measure("2.0 without metadata", all, batch, span => bare.Encode(span), () => bare.MessageLength);
    }

    private delegate ReadOnlyMemory<byte> Encode(ReadOnlySpan<PendingSample> samples);

    private static void Measure(string what, PendingSample[] all, int batch, Encode encode, Func<int> messageLength)
    {
        var bytes = 0L;
        var message = 0L;
        var best = double.MaxValue;
        for (var round = 0; round < 10; round++)
        {
            (bytes, message) = (0, 0);
            var start = Environment.CpuUsage.TotalTime;
            for (var at = 0; at < all.Length; at += batch)
            {
                bytes += encode(all.AsSpan(at, Math.Min(batch, all.Length - at))).Length;
                message += messageLength();
            }

            best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalNanoseconds / all.Length);
        }

        var snappy = Compression(encode(all.AsSpan(0, Math.Min(batch, all.Length))), Math.Min(batch, all.Length));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-22} {(double)bytes / all.Length,7:F2} B/sample on the wire, {(double)message / all.Length,7:F1} before compression; {best,6:F1} ns/sample, of it compression {snappy,6:F1}"));
    }

    private static double Compression(ReadOnlyMemory<byte> body, int samples)
    {
        var message = IronSnappy.Snappy.Decode(body.ToArray());
        var encoder = new SnappyWindowEncoder();
        var block = new byte[SnappyWindowEncoder.MaxLength(message.Length)];
        var best = double.MaxValue;
        for (var round = 0; round < 400; round++)
        {
            var start = Stopwatch.GetTimestamp();
            encoder.Encode(message, block);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / samples);
        }

        return best;
    }
}
