using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Reads a whole log: the newest checkpoint, then every later segment in order. Damage does not end the reading: it is noted in
/// <see cref="Damages"/> and the next record that can be read follows. One thread; to follow a log as it grows is the tailer's work.
/// </summary>
public sealed class WalReader : IDisposable
{
    private readonly List<WalDamage> _damages = [];
    private readonly WalPosition? _end;
    private readonly Queue<(string Path, int Segment, bool IsCheckpoint)> _files = new();
    private SegmentReader? _current;
    private int _segment;

    /// <param name="end">
    /// Nothing at or behind this position is read: for a log that is being written, what its writer has published; for who goes on from a place with
    /// a <see cref="WalTailer"/>, that place, to learn its series. If it lies in a segment that the newest checkpoint stands for, that is the checkpoint alone: it
    /// has the series of all that is owed, however old.
    /// </param>
    public WalReader(string directory, WalPosition? end = null)
    {
        _end = end;
        var behindCheckpoint = 0;
        if (WalFormat.LastCheckpoint(directory) is { } last)
        {
            behindCheckpoint = last + 1;
            Enqueue(WalFormat.CheckpointPath(directory, last), 0, isCheckpoint: true);
        }

        Enqueue(directory, behindCheckpoint, isCheckpoint: false);
    }

    /// <summary>Records of some segments only, <paramref name="first"/> to <paramref name="last"/>, behind those of a checkpoint.</summary>
    internal WalReader(string directory, int? checkpoint, int first, int last)
    {
        _end = new WalPosition(last + 1, 0);
        if (checkpoint is { } number)
        {
            Enqueue(WalFormat.CheckpointPath(directory, number), 0, isCheckpoint: true);
        }

        Enqueue(directory, first, isCheckpoint: false);
    }

    /// <summary>Where the last record stands.</summary>
    public WalPosition Position => new(_segment, _current?.RecordOffset ?? 0);

    /// <summary>True while the last record came from the checkpoint; the segment of <see cref="Position"/> is then the checkpoint's own.</summary>
    public bool InCheckpoint { get; private set; }

    public IReadOnlyList<WalDamage> Damages => _damages;

    /// <summary>The first damage outside the checkpoint ends the reading, as in Prometheus.</summary>
    public bool StopsAtDamage { get; init; }

    /// <summary>Where the log is read from.</summary>
    internal IDataFiles Files { get; init; } = DiskFiles.Instance;

    /// <summary>The next record, type byte first, valid until the next call; false at the end.</summary>
    public bool TryRead(out ReadOnlySpan<byte> record)
    {
        while (_current is not null || TryOpenNext())
        {
            if (_current!.TryRead(out record))
            {
                if (!record.IsEmpty)
                {
                    return true;
                }
            }
            else if (_current.Damage is { } damage)
            {
                _damages.Add(damage);
                if (StopsAtDamage && !InCheckpoint)
                {
                    break;
                }

                _current.SkipDamage();
            }
            else
            {
                Close();
            }
        }

        record = default;
        return false;
    }

    public void Dispose() => _current?.Dispose();

    private void Enqueue(string directory, int firstSegment, bool isCheckpoint)
    {
        foreach (var segment in WalFormat.Segments(directory))
        {
            if (segment >= firstSegment && (isCheckpoint || IsBeforeEnd(segment)))
            {
                _files.Enqueue((WalFormat.SegmentPath(directory, segment), segment, isCheckpoint));
            }
        }
    }

    private bool IsBeforeEnd(int segment) => _end is not { } end || segment < end.Segment || (segment == end.Segment && end.Offset > 0);

    private bool TryOpenNext()
    {
        if (!_files.TryDequeue(out var next))
        {
            return false;
        }

        _current = new SegmentReader(next.Path, next.Segment, Files);
        if (!next.IsCheckpoint && next.Segment == _end?.Segment)
        {
            _current.Limit = Math.Min(_current.Limit, _end.Value.Offset);
        }

        _segment = next.Segment;
        InCheckpoint = next.IsCheckpoint;
        return true;
    }

    private void Close()
    {
        _current!.Dispose();
        _current = null;
    }
}
