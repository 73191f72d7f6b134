using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Metrics;

namespace ScrapeCluster.Benchmarks.Storage;

/// <summary>
/// A head of three hours becomes a block while scrapes go on: what that takes in time and memory, and how long scrapes of 1,000 series
/// took meanwhile, beside the same without compaction.
/// </summary>
internal static class CompactionMode
{
    private const int SeriesPerTarget = 1000;
    private const long MinuteMs = 60_000;

    public static void Run(int seriesCount, int intervalSeconds)
    {
        var directory = Directory.CreateTempSubdirectory("compaction-bench-").FullName;
        var head = new HeadBlock { Files = ChunkFiles.Open(Path.Combine(directory, "chunks_head"), (in ChunkFileEntry _, ChunkRef _) => { }, out _) };
        var rows = new uint[seriesCount];
        for (var i = 0; i < seriesCount; i++)
        {
            rows[i] = head.FindOrCreate(LabelsOf(i), out _);
        }

        var time = Fill(head, rows, intervalSeconds * 1000L);
        using var blocks = BlockFolder.Open(directory);
        var compactor = new Compactor(
            new StorageOptions(directory), head, blocks, new BlockWriter(DiskFiles.Instance), new CompactionMetrics(new MetricsRegistry(), () => null),
            TimeProvider.System, NullLogger.Instance);
        GC.Collect();
        Thread.Sleep(1000);
        var (quiet, _) = Scrapes(head, rows, ref time, Task.Delay(5000));
        var before = Environment.WorkingSet;
        var range = HeadRangeRule.Due(head.MinTimeMs, head.MaxTimeMs)!.Value;
        head.FreezeBefore(range.EndMs);
        var clock = Stopwatch.StartNew();
        var (beside, peak) = Scrapes(head, rows, ref time, CompactionThread.Run(() => compactor.WriteHead(range, default)));
        Console.WriteLine($"{seriesCount} series, block of {blocks.Blocks[0].Meta.Stats.Samples} samples, {blocks.Blocks[0].Bytes} bytes, in {clock.Elapsed.TotalSeconds:F1} s");
        Console.WriteLine($"resident memory before {before >> 20} MiB, peak {peak >> 20} MiB: {(peak - before) >> 20} MiB more");
        Console.WriteLine($"appends of {SeriesPerTarget}: {Told(beside)}; without compaction {Told(quiet)}");
        Cut(head, range.EndMs);
        Directory.Delete(directory, recursive: true);
    }

    public static Labels LabelsOf(int i) => Labels.Of(
        ("__name__", $"metric_{i % SeriesPerTarget}"), ("instance", $"10.0.{i / SeriesPerTarget / 250}.{i / SeriesPerTarget % 250}:9100"), ("job", "node"),
        ("datacenter", $"dc{i / SeriesPerTarget % 3}"), ("pod", $"pod-{i / SeriesPerTarget}-x7f9"), ("handler", $"/api/v1/resource_{i % 100}"), ("code", $"{200 + (i % 5)}"),
        ("container", "app"));

    private static long Fill(HeadBlock head, uint[] rows, long intervalMs)
    {
        var time = 0L;
        for (; time <= (3 * 60 * MinuteMs) + MinuteMs; time += intervalMs)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                head.Append(rows[i], time, Value(i, time));
            }

            while (head.WaitingForFlush > 0 && head.BeginFlush() is { } flush)
            {
                flush.Run();
                head.EndFlush(flush);
            }
        }

        return time;
    }

    private static string Told(List<double> milliseconds)
    {
        milliseconds.Sort();
        return $"longest {milliseconds[^1]:F1} ms, p99.9 {milliseconds[(int)(milliseconds.Count * 0.999)]:F1} ms, median {milliseconds[milliseconds.Count / 2]:F2} ms";
    }

    /// <summary>Scrapes, one a millisecond, until the task ends; how long each took and the most memory meanwhile.</summary>
    private static (List<double> Milliseconds, long PeakBytes) Scrapes(HeadBlock head, uint[] rows, ref long time, Task until)
    {
        var (taken, peak) = (new List<double>(1 << 16), 0L);
        for (var target = 0; !until.IsCompleted; target = (target + SeriesPerTarget) % rows.Length)
        {
            time += target == 0 ? 1000 : 0;
            var clock = Stopwatch.StartNew();
            for (var i = target; i < target + SeriesPerTarget; i++)
            {
                head.Append(rows[i], time, Value(i, time));
            }

            taken.Add(clock.Elapsed.TotalMilliseconds);
            if (target % (50 * SeriesPerTarget) == 0)
            {
                peak = Math.Max(peak, Environment.WorkingSet);
            }

            Thread.Sleep(1);
        }

        until.GetAwaiter().GetResult();
        return (taken, peak);
    }

    private static void Cut(HeadBlock head, long minMs)
    {
        var (steps, longest) = (0, TimeSpan.Zero);
        var truncation = new HeadTruncation(head, minMs);
        for (var isMoreLeft = true; isMoreLeft; steps++)
        {
            var clock = Stopwatch.StartNew();
            isMoreLeft = truncation.Step();
            longest = clock.Elapsed > longest ? clock.Elapsed : longest;
        }

        Console.WriteLine($"head cut in {steps} steps, the longest {longest.TotalMilliseconds:F1} ms");
    }

    public static double Value(int series, long time) => (series % 10) switch
    {
        < 5 => series,
        < 9 => series + (time / 1000 * (1 + (series % 50))),
        _ => Math.Sin(series + time) * 1000,
    };
}
