using System.Collections.Concurrent;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// References that the head does not know, or need not know, while the log still speaks of them: their series records stay in every checkpoint that does not
/// reach the last segment that does, and in those that keep a sample of them. The writer adds, the checkpoint's thread asks.
/// </summary>
internal sealed class WalExpiries
{
    private readonly ConcurrentDictionary<ulong, Need> _needs = new();

    public int Count => _needs.Count;

    /// <param name="lastSegment">No later segment speaks of it.</param>
    /// <param name="newestMs">Its newest sample that memory does not answer for, as those of a series that is known under another reference.</param>
    public void Add(ulong seriesRef, int lastSegment, long newestMs = long.MinValue)
    {
        _needs[seriesRef] = _needs.TryGetValue(seriesRef, out var known)
            ? new Need(Math.Max(known.LastSegment, lastSegment), Math.Max(known.NewestMs, newestMs))
            : new Need(lastSegment, newestMs);
    }

    /// <param name="checkpointed">The last segment that is neither read at a start nor by remote write any more.</param>
    /// <summary>True when a segment behind <paramref name="checkpointed"/> may still speak of the reference, or a sample of it is not older than <paramref name="minMs"/>.</summary>
    public bool IsNeeded(ulong seriesRef, int checkpointed, long minMs)
    {
        return _needs.TryGetValue(seriesRef, out var need) && need.Holds(checkpointed, minMs);
    }

    /// <summary>A checkpoint was written: what it has left out will not be asked for again.</summary>
    public void Forget(int checkpointed, long minMs)
    {
        foreach (var (seriesRef, need) in _needs)
        {
            if (!need.Holds(checkpointed, minMs))
            {
                _needs.TryRemove(seriesRef, out _);
            }
        }
    }

    private readonly record struct Need(int LastSegment, long NewestMs)
    {
        public bool Holds(int checkpointed, long minMs) => LastSegment > checkpointed || NewestMs >= minMs;
    }
}
