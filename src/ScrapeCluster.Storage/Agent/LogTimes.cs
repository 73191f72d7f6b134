using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Agent;

/// <summary>
/// How far the log was written at which time, noted at every look: by that a place that remote write has reached becomes a time. The newest timestamp that
/// was sent would say too much: of several shards one may be far behind.
/// </summary>
internal sealed class LogTimes
{
    /// <summary>Older notes are for places that are reached later than anything is kept.</summary>
    private const int MostNotes = 4096;

    private readonly Queue<Note> _notes = new();
    private Note _newest = new(new WalPosition(0, 0), 0);
    private long _reachedMs;

    private readonly record struct Note(WalPosition End, long TimeMs);

    /// <param name="end">The log is written up to here.</param>
    public void Add(WalPosition end, long nowMs)
    {
        if (end != _newest.End && _newest.TimeMs > 0)
        {
            _notes.Enqueue(_newest);
        }

        _newest = new Note(end, nowMs);
        if (_notes.Count > MostNotes)
        {
            _notes.Dequeue();
        }
    }

    /// <summary>What was written before this time is sent; 0 when that is not known, since nothing is followed or nothing was reached of what was noted.</summary>
    /// <param name="lowest">The lowest place that is owed; null when nothing is.</param>
    public long SentMs(WalPosition? lowest)
    {
        if (lowest is not { } place)
        {
            return 0;
        }

        while (_notes.TryPeek(out var note) && note.End.CompareTo(place) <= 0)
        {
            _reachedMs = _notes.Dequeue().TimeMs;
        }

        return _notes.Count == 0 && _newest.End.CompareTo(place) <= 0 ? _newest.TimeMs : _reachedMs;
    }
}
