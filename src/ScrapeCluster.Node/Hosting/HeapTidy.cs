using System.Diagnostics;

namespace ScrapeCluster.Node.Hosting;

/// <summary>
/// Gives memory back after a flood of new series. First scrapes leave much garbage in the oldest generation, and what follows allocates so little that the
/// collector does not look there for hours: an agent with a million series held 540 MB, of which 400 live (docs/benchmarks.md). So the heap is compacted
/// when the flood is over. That stops the process for some tenths of a second at worst, as the flood's own collections did again and again, and not again
/// before the heap has grown by half.
/// </summary>
internal sealed partial class HeapTidy : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly SettledHeap _heap = new();
    private readonly ILogger<HeapTidy> _logger;
    private readonly ITimer _timer;

    public HeapTidy(TimeProvider time, ILogger<HeapTidy> logger)
    {
        _logger = logger;
        _timer = time.CreateTimer(static tidy => ((HeapTidy)tidy!).Look(), this, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var before = GC.GetGCMemoryInfo().HeapSizeBytes;
        if (!_heap.IsDue(before, GC.GetTotalAllocatedBytes()))
        {
            return;
        }

        var start = Stopwatch.GetTimestamp();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var after = GC.GetGCMemoryInfo().HeapSizeBytes;
        _heap.Tidied(after);
        LogTidied(before >> 20, after >> 20, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    [LoggerMessage(LogIds.HeapTidied, LogLevel.Debug, "The heap was compacted from {Before} to {After} MB in {Milliseconds:F0} ms")]
    private partial void LogTidied(long before, long after, double milliseconds);
}
