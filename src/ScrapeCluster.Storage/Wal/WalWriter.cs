using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Metrics;
using ScrapeCluster.Storage.Wal.Files;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Writes the log in Prometheus's bytes (FORMAT.md): one thread appends, others follow by <see cref="Published"/>.
/// A batch is in the file, at its end, when <see cref="Append"/> returns null. When it returns a fault nothing of the batch
/// stays: the segment is cut back to its last whole batch, at once or, if even that fails, before the next append.
/// Repair the directory before opening it: every open starts a new segment and never looks at old ones.
/// </summary>
public sealed class WalWriter : IDisposable
{
    private static readonly byte[] Zeros = new byte[WalFormat.PageSize];

    private readonly string _directory;
    private readonly WalOptions _options;
    private readonly IWalFiles _files;
    private readonly WalMetrics _metrics;
    private readonly RecordFramer _framer;
    private readonly SegmentCloser _closer;

    private IWalFile? _segment;
    private int _segmentIndex;

    /// <summary>Bytes of whole batches in the open segment: the place of the next write.</summary>
    private long _length;

    /// <summary>A failed write may have left bytes behind <see cref="_length"/>.</summary>
    private bool _hasTornEnd;

    private WalWriter(string directory, WalOptions options, IWalFiles files, WalMetrics metrics)
    {
        _directory = directory;
        _options = options;
        _files = files;
        _metrics = metrics;
        _framer = new RecordFramer(options.Compress);
        _closer = new SegmentCloser(options.Sync == WalSyncPolicy.Interval ? options.SyncInterval : TimeSpan.Zero, metrics);
    }

    /// <summary>How far the log is written.</summary>
    public WalPublication Published { get; } = new();

    /// <summary>The number of the segment that is being written.</summary>
    public int SegmentIndex => _segmentIndex;

    /// <summary>Why the last flush to the disk failed; null while all is well. What was acknowledged is readable, but a power cut may lose it.</summary>
    public WalWriteFault? SyncFault => _closer.Fault;

    /// <summary>Makes the directory if it is missing and starts a new segment behind the last one.</summary>
    public static WalWriter Open(string directory, WalOptions? options = null) => Open(directory, options ?? new WalOptions(), DiskWalFiles.Instance);

    internal static WalWriter Open(string directory, WalOptions options, IWalFiles files, WalMetrics? metrics = null)
    {
        Directory.CreateDirectory(directory);
        var writer = new WalWriter(directory, options, files, metrics ?? new WalMetrics(new MetricsRegistry(), TimeProvider.System));
        var segments = WalFormat.Segments(directory);
        var behindCheckpoint = WalFormat.LastCheckpoint(directory) is { } last ? last + 1 : 0;
        try
        {
            writer.OpenSegment(segments.Count == 0 ? behindCheckpoint : Math.Max(behindCheckpoint, segments[^1] + 1));
            return writer;
        }
        catch
        {
            writer._closer.Dispose();
            throw;
        }
    }

    /// <summary>Null when the batch is in the log, else why it is not.</summary>
    public WalWriteFault? Append(WalBatch batch)
    {
        var count = batch.RecordCount;
        if (count == 0)
        {
            return null;
        }

        try
        {
            CutTornEnd();
            if (_segment is null || (_length > 0 && _length + RecordFramer.MaxLength(count, batch.LengthBytes) > _options.SegmentSize))
            {
                CloseSegment();
                OpenSegment(_segmentIndex + 1);
            }

            var bytes = _framer.Frame(batch, _length);
            _hasTornEnd = true;
            _segment!.Write(bytes, _length);
            if (_options.Sync == WalSyncPolicy.Batch)
            {
                _metrics.Fsync(_segment);
            }

            _hasTornEnd = false;
            _metrics.Wrote(_length, _length + bytes.Length);
            _length += bytes.Length;
            Published.Publish(new WalPosition(_segmentIndex, _length));
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fault(failure);
        }
    }

    /// <summary>Closes the present segment and starts the next, so that all before it can go behind a checkpoint.</summary>
    public WalWriteFault? StartNextSegment()
    {
        try
        {
            CutTornEnd();
            CloseSegment();
            OpenSegment(_segmentIndex + 1);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fault(failure);
        }
    }

    /// <summary>Closes the log and waits until all of it is on the disk; null when it is. Only <see cref="Dispose"/> may follow.</summary>
    public WalWriteFault? Finish()
    {
        try
        {
            CutTornEnd();
            CloseSegment();
            _closer.Dispose();
            return _closer.Fault;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fault(failure);
        }
    }

    public void Dispose()
    {
        try
        {
            CutTornEnd();
            CloseSegment();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The end stays unpadded, as after a crash; every reader and the next open can cope with it.
            if (_segment is not null)
            {
                _closer.Close(WalFormat.SegmentPath(_directory, _segmentIndex), _segment);
                _segment = null;
            }
        }

        _closer.Dispose();
    }

    private void CutTornEnd()
    {
        if (_hasTornEnd)
        {
            _segment!.SetLength(_length);
            _hasTornEnd = false;
        }
    }

    /// <summary>Fills the last page with zeros and gives the segment away to be forced to the disk.</summary>
    private void CloseSegment()
    {
        if (_segment is null)
        {
            return;
        }

        var used = (int)(_length % WalFormat.PageSize);
        if (used > 0)
        {
            _hasTornEnd = true;
            _segment.Write(Zeros.AsSpan(used), _length);
            _hasTornEnd = false;
            _metrics.Wrote(_length, _length + WalFormat.PageSize - used);
            _length += WalFormat.PageSize - used;
        }

        _closer.Close(WalFormat.SegmentPath(_directory, _segmentIndex), _segment);
        _segment = null;
    }

    private void OpenSegment(int index)
    {
        var path = WalFormat.SegmentPath(_directory, index);
        _segment = _files.Create(path);
        _closer.Opened(path, _segment);
        _segmentIndex = index;
        _length = 0;
        _hasTornEnd = false;
        Published.Publish(new WalPosition(index, 0));
    }

    private WalWriteFault Fault(Exception failure)
    {
        var fault = WalWriteFault.Of(WalFormat.SegmentPath(_directory, _segmentIndex), _length, failure);
        try
        {
            CutTornEnd();
        }
        catch (Exception again) when (again is IOException or UnauthorizedAccessException)
        {
            // Tried again before the next append, which fails as long as this does.
        }

        return fault;
    }
}
