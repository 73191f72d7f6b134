using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Gating;

/// <summary>
/// When the log was how long, so that a place in it has an age. It knows nothing of before it was asked first, and thins out what is long ago: an age is never too
/// large. Used under the lock of its owner.
/// </summary>
internal sealed class LogAges
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private const int Most = 1024;

    /// <summary>Rising in both.</summary>
    private readonly List<(WalPosition End, TimeSpan At)> _notes = [];

    public void Note(WalPosition end, TimeSpan now)
    {
        if (_notes.Count > 0 && now - _notes[^1].At < Step)
        {
            return;
        }

        if (_notes.Count == Most)
        {
            // The newer half stays whole.
            var kept = 0;
            for (var i = 0; i < _notes.Count; i++)
            {
                if (i >= Most / 2 || i % 2 == 0)
                {
                    _notes[kept++] = _notes[i];
                }
            }

            _notes.RemoveRange(kept, _notes.Count - kept);
        }

        _notes.Add((end, now));
    }

    /// <summary>For how long at least there has been something behind the place.</summary>
    public TimeSpan AgeOf(WalPosition place, WalPosition end, TimeSpan now)
    {
        if (place.CompareTo(end) >= 0)
        {
            return TimeSpan.Zero;
        }

        foreach (var (noted, at) in _notes)
        {
            if (noted.CompareTo(place) > 0)
            {
                return now - at;
            }
        }

        return TimeSpan.Zero;
    }
}
