using System.Collections.Concurrent;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// References that are gone from the head while segments still hold samples of them: their series records stay in every checkpoint
/// that does not reach the last such segment. The writer adds, the checkpoint's thread asks.
/// </summary>
internal sealed class WalExpiries
{
    private readonly ConcurrentDictionary<ulong, int> _lastSegments = new();

    public int Count => _lastSegments.Count;

    public void Add(ulong seriesRef, int lastSegment) => _lastSegments[seriesRef] = lastSegment;

    /// <summary>True when a segment behind <paramref name="checkpointed"/> may still speak of the reference.</summary>
    public bool IsNeeded(ulong seriesRef, int checkpointed)
    {
        return _lastSegments.TryGetValue(seriesRef, out var last) && last > checkpointed;
    }

    public void ForgetUpTo(int checkpointed)
    {
        foreach (var (seriesRef, last) in _lastSegments)
        {
            if (last <= checkpointed)
            {
                _lastSegments.TryRemove(seriesRef, out _);
            }
        }
    }
}
