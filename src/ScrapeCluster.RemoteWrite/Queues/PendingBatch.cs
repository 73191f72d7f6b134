using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>The samples of one request. Reused by the shard that owns it.</summary>
internal sealed class PendingBatch(int capacity)
{
    private readonly PendingSample[] _samples = new PendingSample[capacity];

    public int Count { get; private set; }

    public bool IsFull => Count == _samples.Length;

    public ReadOnlySpan<PendingSample> Samples => _samples.AsSpan(0, Count);

    public void Add(in PendingSample sample) => _samples[Count++] = sample;

    public void Clear()
    {
        // The label bytes of gone series shall not be held by an idle batch.
        _samples.AsSpan(0, Count).Clear();
        Count = 0;
    }

    /// <summary>Takes out what is older and returns how many those were.</summary>
    public int RemoveBefore(long timestampMs)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_samples[i].TimestampMs >= timestampMs)
            {
                _samples[kept++] = _samples[i];
            }
        }

        var removed = Count - kept;
        _samples.AsSpan(kept, removed).Clear();
        Count = kept;
        return removed;
    }
}
