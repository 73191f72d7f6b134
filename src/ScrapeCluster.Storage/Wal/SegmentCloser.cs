using System.Collections.Concurrent;
using ScrapeCluster.Storage.Metrics;
using ScrapeCluster.Storage.Wal.Files;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Forces segments to the disk on a thread of its own, so that appending never waits for 128 MiB to reach it: closed segments
/// as they come, the open one at an interval when asked to.
/// </summary>
internal sealed class SegmentCloser : IDisposable
{
    private readonly BlockingCollection<OpenSegment> _closing = [];
    private readonly TimeSpan _interval;
    private readonly WalMetrics _metrics;
    private readonly Thread _thread;

    /// <summary>Only this thread disposes of segments, so the one found here stays usable while it is flushed.</summary>
    private volatile OpenSegment? _open;

    /// <param name="interval">Zero or less: the open segment is not flushed.</param>
    public SegmentCloser(TimeSpan interval, WalMetrics metrics)
    {
        _metrics = metrics;
        _interval = interval > TimeSpan.Zero ? interval : Timeout.InfiniteTimeSpan;
        _thread = new Thread(Run) { IsBackground = true, Name = "wal-sync" };
        _thread.Start();
    }

    /// <summary>The last flush that failed. It stays: after a failed flush nobody knows which bytes reached the disk.</summary>
    public WalWriteFault? Fault { get; private set; }

    public void Opened(string path, IWalFile file) => _open = new OpenSegment(path, file);

    /// <summary>Takes over the file: it is flushed and closed.</summary>
    public void Close(string path, IWalFile file)
    {
        _open = null;
        _closing.Add(new OpenSegment(path, file));
    }

    /// <summary>Returns when everything handed over is on the disk.</summary>
    public void Dispose()
    {
        if (_closing.IsAddingCompleted)
        {
            return;
        }

        _closing.CompleteAdding();
        _thread.Join();
    }

    private void Run()
    {
        while (!_closing.IsCompleted)
        {
            if (_closing.TryTake(out var closed, _interval))
            {
                Flush(closed);
                closed.File.Dispose();
            }
            else if (_open is { } open)
            {
                Flush(open);
            }
        }
    }

    private void Flush(OpenSegment segment)
    {
        try
        {
            _metrics.Fsync(segment.File);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Fault = WalWriteFault.Of(segment.Path, 0, failure);
        }
    }

    private sealed record OpenSegment(string Path, IWalFile File);
}
