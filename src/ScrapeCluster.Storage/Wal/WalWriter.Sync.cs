namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// <see cref="WalSyncPolicy.Batch"/>: what was appended since the last <see cref="Sync"/> is kept in memory too, until it is on the disk. When a flush
/// fails nobody knows which of its bytes arrived, and asking the same file again proves nothing: so the segment is given up at its last flushed byte and
/// all of that is written again, to the next one. A batch that was not acknowledged may therefore be in the log all the same, as after a lost answer.
/// </summary>
public sealed partial class WalWriter
{
    /// <summary>So much may wait for a flush; more is flushed before the next append.</summary>
    private const int MaxUnsyncedBytes = 16 << 20;

    /// <summary>A disk that refuses flushes is not asked more often, since every try begins another segment.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly WalBatch _unsynced = new();

    /// <summary>Bytes of the open segment that are on the disk for certain.</summary>
    private long _syncedLength;

    /// <summary>Why a flush of the open segment failed, and when; null while all is well with it.</summary>
    private Exception? _flushFailure;
    private long _flushFailedAt;

    /// <summary>What waits for a flush is not in the open segment, but was in one that was given up.</summary>
    private bool _isToWriteAgain;

    /// <summary>True when a batch may be acknowledged only after <see cref="Sync"/>.</summary>
    public bool NeedsSync => _options.Sync == WalSyncPolicy.Batch;

    /// <summary>Forces all that was appended to the disk: null when it is there. One flush for as many batches as were appended.</summary>
    public WalWriteFault? Sync()
    {
        try
        {
            FlushUnsynced();
            Publish();
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fault(failure);
        }
    }

    private void MakeRoomForUnsynced(int bytes)
    {
        if (_flushFailure is not null || _isToWriteAgain || (!_unsynced.IsEmpty && _unsynced.LengthBytes + (long)bytes > MaxUnsyncedBytes))
        {
            FlushUnsynced();
        }
    }

    private void NoteUnsynced(WalBatch batch)
    {
        if (NeedsSync)
        {
            _unsynced.AddAll(batch);
        }
    }

    private void Publish()
    {
        if (_unsynced.IsEmpty)
        {
            Published.Publish(new WalPosition(_segmentIndex, _length));
        }
    }

    private void FlushUnsynced()
    {
        if (_unsynced.IsEmpty)
        {
            return;
        }

        if (_flushFailure is not null)
        {
            GiveUpSegment(_flushFailure);
        }

        if (_isToWriteAgain)
        {
            CutTornEnd();
            Write(_unsynced);
            _isToWriteAgain = false;
        }

        try
        {
            _metrics.Fsync(_segment!);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            (_flushFailure, _flushFailedAt) = (failure, _time.GetTimestamp());
            throw;
        }

        _syncedLength = _length;
        _unsynced.Clear();
    }

    private void GiveUpSegment(Exception failure)
    {
        if (_time.GetElapsedTime(_flushFailedAt) < RetryDelay)
        {
            throw new IOException($"its last flush failed a moment ago: {failure.Message}", failure);
        }

        var next = TakeNext();
        _segment!.SetLength(_syncedLength);
        _length = _syncedLength;
        CloseSegment();
        Use(next);
        _flushFailure = null;
        _isToWriteAgain = true;
    }
}
