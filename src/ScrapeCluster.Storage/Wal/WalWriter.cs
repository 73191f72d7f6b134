using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Metrics;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Writes the log in Prometheus's bytes (FORMAT.md): one thread appends, others follow by <see cref="Published"/>.
/// A batch is in the file, at its end, when <see cref="Append"/> returns null. When it returns a fault nothing of the batch
/// stays: the segment is cut back to its last whole batch, at once or, if even that fails, before the next append.
/// Under <see cref="WalSyncPolicy.Batch"/> nothing may be acknowledged, and nothing is published, before <see cref="Sync"/>.
/// Repair the directory before opening it: every open starts a new segment and never looks at old ones.
/// </summary>
public sealed partial class WalWriter : IDisposable
{
    private static readonly byte[] Zeros = new byte[WalFormat.PageSize];

    private readonly string _directory;
    private readonly WalOptions _options;
    private readonly IDataFiles _files;
    private readonly WalMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly RecordFramer _framer;
    private readonly SegmentKeeper _keeper;

    /// <summary>Null before the first one and after the end.</summary>
    private IDataFile? _segment;
    private int _segmentIndex;

    /// <summary>The next one, taken or made, while the present one could not be closed yet.</summary>
    private IDataFile? _next;
    private bool _isNextAskedFor;

    /// <summary>Bytes of whole batches in the open segment: the place of the next write.</summary>
    private long _length;

    /// <summary>A failed write may have left bytes behind <see cref="_length"/>.</summary>
    private bool _hasTornEnd;

    private WalWriter(string directory, WalOptions options, IDataFiles files, WalMetrics metrics, TimeProvider time)
    {
        _directory = directory;
        _options = options;
        _files = files;
        _metrics = metrics;
        _time = time;
        _framer = new RecordFramer(options.Compress);
        _keeper = new SegmentKeeper(files, options.Sync == WalSyncPolicy.Interval ? options.SyncInterval : TimeSpan.Zero, metrics, time);
    }

    /// <summary>How far the log is written.</summary>
    public WalPublication Published { get; } = new();

    /// <summary>The number of the segment that is being written.</summary>
    public int SegmentIndex => _segmentIndex;

    /// <summary>Why the last flush beside the writing failed; null while all is well. What was acknowledged is readable, but a power cut may lose it.</summary>
    public WalWriteFault? SyncFault => _keeper.Fault;

    /// <summary>Makes the directory if it is missing and starts a new segment behind the last one.</summary>
    public static WalWriter Open(string directory, WalOptions? options = null) => Open(directory, options ?? new WalOptions(), DiskFiles.Instance);

    internal static WalWriter Open(string directory, WalOptions options, IDataFiles files, WalMetrics? metrics = null, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        files.CreateFolder(directory);
        var segments = WalFormat.Segments(directory);
        var behindCheckpoint = WalFormat.LastCheckpoint(directory) is { } last ? last + 1 : 0;
        var writer = new WalWriter(directory, options, files, metrics ?? new WalMetrics(new MetricsRegistry(), time), time);
        try
        {
            writer._segmentIndex = Math.Max(behindCheckpoint, segments.Count == 0 ? 0 : segments[^1] + 1) - 1;
            writer.MoveOn();
            return writer;
        }
        catch
        {
            writer._keeper.Dispose();
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
            MakeRoomForUnsynced(batch.LengthBytes);
            CutTornEnd();
            if (_length > 0 && _length + RecordFramer.MaxLength(count, batch.LengthBytes) > _options.SegmentSize)
            {
                MoveOn();
            }

            Write(batch);
            NoteUnsynced(batch);
            Publish();
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fault(failure);
        }
    }

    /// <summary>Has the next segment made beside, for a <see cref="StartNextSegment"/> that is about to come.</summary>
    public void PrepareNextSegment()
    {
        if (!_isNextAskedFor)
        {
            _isNextAskedFor = true;
            _keeper.Prepare(PathOf(_segmentIndex + 1));
        }
    }

    /// <summary>Closes the present segment and starts the next, so that all before it can go behind a checkpoint.</summary>
    public WalWriteFault? StartNextSegment()
    {
        try
        {
            CutTornEnd();
            MoveOn();
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
            FlushUnsynced();
            CloseSegment();
            _keeper.Dispose();
            return _keeper.Fault;
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
            FlushUnsynced();
            CloseSegment();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The end stays unpadded, as after a crash; every reader and the next open can cope with it.
            if (_segment is not null)
            {
                _keeper.Close();
                _segment = null;
            }
        }

        _next?.Dispose();
        _keeper.Dispose();
    }

    private void CutTornEnd()
    {
        if (_hasTornEnd)
        {
            _segment!.SetLength(_length);
            _hasTornEnd = false;
        }
    }

    private void Write(WalBatch batch)
    {
        var bytes = _framer.Frame(batch, _length);
        _hasTornEnd = true;
        _segment!.Write(bytes, _length);
        _hasTornEnd = false;
        _keeper.Written();
        _metrics.Wrote(_length, _length + bytes.Length);
        _length += bytes.Length;
        if (_length > _options.SegmentSize / 2)
        {
            PrepareNextSegment();
        }
    }

    /// <summary>From the present segment to the next. Where that fails the present one stays in use.</summary>
    private void MoveOn()
    {
        FlushUnsynced();
        var next = TakeNext();
        CloseSegment();
        Use(next);
    }

    private IDataFile TakeNext()
    {
        var path = PathOf(_segmentIndex + 1);
        _isNextAskedFor = true;
        return _next ??= _keeper.TakePrepared(path) ?? _files.Create(path);
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

        _keeper.Close();
        _segment = null;
    }

    private void Use(IDataFile next)
    {
        _segmentIndex++;
        _segment = next;
        _next = null;
        _isNextAskedFor = false;
        _keeper.Opened(PathOf(_segmentIndex), next);
        _length = 0;
        _syncedLength = 0;
        _hasTornEnd = false;
        Published.Publish(new WalPosition(_segmentIndex, 0));
    }

    private string PathOf(int index) => WalFormat.SegmentPath(_directory, index);

    private WalWriteFault Fault(Exception failure)
    {
        var fault = WalWriteFault.Of(PathOf(_segmentIndex), _length, failure);
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
