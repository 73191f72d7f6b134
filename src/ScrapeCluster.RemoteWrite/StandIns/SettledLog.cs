using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.StandIns;

/// <summary>Which part of the log was there at a time, by looks at its end a few times a second. Never too old: between two looks it takes the later.</summary>
/// <param name="old">What was in the log before the first look is old enough.</param>
internal sealed class SettledLog(WalPosition old)
{
    private readonly Queue<(WalPosition End, long AtMs)> _looks = new();
    private WalPosition _old = old;

    /// <param name="oldMs">Nobody asks for times before this any more.</param>
    public void Note(WalPosition end, long nowMs, long oldMs)
    {
        _looks.Enqueue((end, nowMs));
        while (_looks.TryPeek(out var look) && look.AtMs <= oldMs)
        {
            _old = look.End;
            _looks.Dequeue();
        }
    }

    /// <summary>The record was in the log at this time.</summary>
    public bool IsOlder(WalPosition record, long thanMs)
    {
        while (_looks.TryPeek(out var look) && look.AtMs <= thanMs)
        {
            _old = look.End;
            _looks.Dequeue();
        }

        return record.CompareTo(_old) < 0;
    }
}
