using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.Positions;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>The samples of one request. Reused by the shard that owns it.</summary>
internal sealed class PendingBatch(int capacity)
{
    private PendingSample[] _samples = new PendingSample[capacity];
    private WalPosition _lastRecord;
    private int _lastIndex;

    /// <summary>Written under the gate of the buffer, read by the shard.</summary>
    private long _givenUpFromMs = QueueGate.Nothing;

    public int Count { get; private set; }

    public bool IsFull => Count >= _samples.Length;

    /// <summary>Behind the last sample that was added, also when samples were taken out.</summary>
    public SamplePosition End => new(_lastRecord, _lastIndex + 1);

    /// <summary>Some of its samples may have reached the receiver before.</summary>
    public bool MayRepeat { get; private set; }

    public ReadOnlySpan<PendingSample> Samples => _samples.AsSpan(0, Count);

    /// <param name="record">Start of the log's record that the sample stands in.</param>
    /// <param name="index">Its number there.</param>
    public void Add(in PendingSample sample, WalPosition record, int index)
    {
        _samples[Count++] = sample;
        _lastRecord = record;
        _lastIndex = index;
    }

    /// <summary>As <see cref="Add"/>, for a request that is sent as before, however long it was then.</summary>
    public void AddAgain(in PendingSample sample, WalPosition record, int index)
    {
        if (IsFull)
        {
            Array.Resize(ref _samples, Math.Max(_samples.Length * 2, 1));
        }

        Add(sample, record, index);
    }

    public void NoteRepeats() => MayRepeat = true;

    /// <summary>Becomes a part of another batch.</summary>
    public void CopyFrom(PendingBatch whole, int start, int count)
    {
        Clear();
        if (_samples.Length < count)
        {
            _samples = new PendingSample[count];
        }

        whole.Samples.Slice(start, count).CopyTo(_samples);
        GiveUpFrom(Volatile.Read(ref whole._givenUpFromMs));
        Count = count;
    }

    public void Clear()
    {
        // The label bytes of gone series shall not be held by an idle batch.
        _samples.AsSpan(0, Count).Clear();
        Count = 0;
        MayRepeat = false;
        Volatile.Write(ref _givenUpFromMs, QueueGate.Nothing);
    }

    /// <summary>From any thread: samples of this timestamp (ms) and newer are not to be tried again.</summary>
    public void GiveUpFrom(long timestampMs) => Volatile.Write(ref _givenUpFromMs, timestampMs);

    /// <summary>Takes out what was given up and returns how many samples those were.</summary>
    public int RemoveGivenUp() => Volatile.Read(ref _givenUpFromMs) is var from && from == QueueGate.Nothing ? 0 : RemoveFrom(from);

    /// <summary>Takes out what is as new, or newer, and returns how many those were.</summary>
    public int RemoveFrom(long timestampMs) => Remove(timestampMs, long.MaxValue);

    /// <summary>Takes out what is older and returns how many those were.</summary>
    public int RemoveBefore(long timestampMs) => timestampMs == long.MinValue ? 0 : Remove(long.MinValue, timestampMs - 1);

    private int Remove(long firstMs, long lastMs)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_samples[i].TimestampMs < firstMs || _samples[i].TimestampMs > lastMs)
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
