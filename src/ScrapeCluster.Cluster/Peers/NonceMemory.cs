namespace ScrapeCluster.Cluster.Peers;

/// <summary>Nonces heard in the last while, in two halves, the older of which is forgotten when the younger is full or old.</summary>
internal sealed class NonceMemory(TimeSpan keptFor, int most, TimeProvider time)
{
    private readonly Lock _lock = new();
    private HashSet<string> _younger = new(StringComparer.Ordinal);
    private HashSet<string> _older = new(StringComparer.Ordinal);
    private long _began = time.GetTimestamp();

    /// <summary>False when it is known already.</summary>
    public bool TryAdd(string nonce)
    {
        lock (_lock)
        {
            if (_younger.Count >= most / 2 || time.GetElapsedTime(_began) >= keptFor)
            {
                (_older, _younger) = (_younger, new HashSet<string>(StringComparer.Ordinal));
                _began = time.GetTimestamp();
            }

            return !_older.Contains(nonce) && _younger.Add(nonce);
        }
    }
}
