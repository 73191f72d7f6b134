using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Metrics;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Does on a thread of its own what would make the writer wait for the disk: makes the next segment before it is needed, forces closed ones to the
/// disk and closes them, and forces the open one at every interval where that is asked for.
/// </summary>
internal sealed class SegmentKeeper : IDisposable
{
    /// <summary>So many closed segments may be on their way to the disk; then the writer waits, so that with a slow disk, too, a power cut takes no more.</summary>
    private const int MaxClosing = 2;

    private readonly IDataFiles _files;
    private readonly WalMetrics _metrics;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;

    /// <summary>Wakes the thread on a clock that is moved by hand; by itself it wakes when its wait is over, so that a busy pool delays nothing.</summary>
    private readonly ITimer? _timer;
    private readonly Thread _thread;

    /// <summary>Guards all fields below it; no file is touched under it.</summary>
    private readonly object _gate = new();
    private readonly Queue<OpenSegment> _closing = new();
    private volatile OpenSegment? _open;
    private string? _wanted;
    private string? _making;
    private OpenSegment? _next;
    private long _flushedAt;
    private bool _isEnding;

    private volatile WalWriteFault? _fault;

    /// <param name="interval">Zero: the open segment is not forced to the disk.</param>
    public SegmentKeeper(IDataFiles files, TimeSpan interval, WalMetrics metrics, TimeProvider time)
    {
        _files = files;
        _metrics = metrics;
        _interval = interval;
        _time = time;
        _flushedAt = time.GetTimestamp();
        _timer = interval > TimeSpan.Zero ? time.CreateTimer(_ => Wake(), null, interval, interval) : null;
        _thread = new Thread(Run) { IsBackground = true, Name = "wal-sync" };
        _thread.Start();
    }

    /// <summary>The last flush that failed. It stays: after a failed flush nobody knows which bytes reached the disk.</summary>
    public WalWriteFault? Fault => _fault;

    /// <summary>The segment that is written from now on.</summary>
    public void Opened(string path, IDataFile file)
    {
        lock (_gate)
        {
            _open = new OpenSegment(path, file);
        }
    }

    /// <summary>The open segment has bytes that are not forced to the disk yet.</summary>
    public void Written() => _open!.IsDirty = true;

    /// <summary>Takes over the open segment, to be forced to the disk and closed. Waits while too many are on their way there.</summary>
    public void Close()
    {
        lock (_gate)
        {
            while (_closing.Count >= MaxClosing)
            {
                Monitor.Wait(_gate);
            }

            _closing.Enqueue(_open!);
            _open = null;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Has the segment made beforehand.</summary>
    public void Prepare(string path)
    {
        lock (_gate)
        {
            _wanted = path;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The segment that was made beforehand; null when it was not asked for in time or could not be made.</summary>
    public IDataFile? TakePrepared(string path)
    {
        lock (_gate)
        {
            _wanted = null;
            while (_making == path)
            {
                Monitor.Wait(_gate);
            }

            if (_next?.Path != path)
            {
                return null;
            }

            var file = _next.File;
            _next = null;
            return file;
        }
    }

    /// <summary>Returns when everything handed over is on the disk. A segment that was made beforehand and not used goes.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        lock (_gate)
        {
            _wanted = null;
            _isEnding = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
        if (_next is { } unused)
        {
            _next = null;
            unused.File.Dispose();
            try
            {
                _files.Delete(unused.Path);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // An empty segment stays, which readers pass over.
            }
        }
    }

    private void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        while (TryTakeWork(out var work))
        {
            work();
        }
    }

    /// <summary>Blocks until there is something to do; false at the end. The next segment first: the writer may be waiting for it.</summary>
    private bool TryTakeWork(out Action work)
    {
        lock (_gate)
        {
            while (true)
            {
                if (_wanted is { } path)
                {
                    (_making, _wanted) = (path, null);
                    work = () => Make(path);
                    return true;
                }

                if (_closing.TryPeek(out var closed))
                {
                    work = () => FlushAndClose(closed);
                    return true;
                }

                if (UntilFlush() == TimeSpan.Zero)
                {
                    _flushedAt = _time.GetTimestamp();
                    if (_open is { IsDirty: true } open)
                    {
                        // Only this thread closes segments, so this one stays usable while it is flushed.
                        work = () => Flush(open);
                        return true;
                    }
                }

                if (_isEnding)
                {
                    work = () => { };
                    return false;
                }

                Monitor.Wait(_gate, UntilFlush());
            }
        }
    }

    /// <summary>Until the next flush begins, an interval after the last one began; for ever where there is none.</summary>
    private TimeSpan UntilFlush()
    {
        if (_interval <= TimeSpan.Zero)
        {
            return Timeout.InfiniteTimeSpan;
        }

        var left = _interval - _time.GetElapsedTime(_flushedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Make(string path)
    {
        IDataFile? file = null;
        try
        {
            file = _files.Create(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The writer makes it itself when it needs it, and tells why if that fails too.
        }

        lock (_gate)
        {
            _making = null;
            _next = file is null ? null : new OpenSegment(path, file);
            Monitor.PulseAll(_gate);
        }
    }

    private void FlushAndClose(OpenSegment closed)
    {
        Flush(closed);
        closed.File.Dispose();
        lock (_gate)
        {
            _closing.Dequeue();
            Monitor.PulseAll(_gate);
        }
    }

    private void Flush(OpenSegment segment)
    {
        // Before the flush: what is written while it runs is for the next one.
        segment.IsDirty = false;
        try
        {
            _metrics.Fsync(segment.File);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _fault = WalWriteFault.Of(segment.Path, 0, failure);
        }
    }

    private sealed class OpenSegment(string path, IDataFile file)
    {
        private volatile bool _isDirty;

        public string Path { get; } = path;

        public IDataFile File { get; } = file;

        /// <summary>Something was written since the last flush began.</summary>
        public bool IsDirty { get => _isDirty; set => _isDirty = value; }
    }
}
