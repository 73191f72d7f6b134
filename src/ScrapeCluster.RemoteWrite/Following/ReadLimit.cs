using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Following;

/// <summary>
/// Where a follower's reading ends, agreed with whoever ends it. The follower passes every record through here, so an end that was
/// answered is exact: no record behind it was taken, and the successor that starts there misses and doubles nothing.
/// </summary>
internal sealed class ReadLimit(WalPosition start)
{
    private readonly Lock _guard = new();
    private WalPosition _reached = start;
    private WalPosition? _end;

    /// <summary>Null while there is no end.</summary>
    public WalPosition? End
    {
        get
        {
            lock (_guard)
            {
                return _end;
            }
        }
    }

    /// <summary>Ends the reading at the position, or behind the last record taken when that is later. The first call decides.</summary>
    public WalPosition EndAt(WalPosition position)
    {
        lock (_guard)
        {
            _end ??= position.CompareTo(_reached) > 0 ? position : _reached;
            return _end.Value;
        }
    }

    /// <summary>True when the record lies before the end: it is then taken.</summary>
    public bool TryTake(WalPosition recordStart, WalPosition recordEnd)
    {
        lock (_guard)
        {
            if (_end is { } end && recordStart.CompareTo(end) >= 0)
            {
                return false;
            }

            _reached = recordEnd;
            return true;
        }
    }
}
