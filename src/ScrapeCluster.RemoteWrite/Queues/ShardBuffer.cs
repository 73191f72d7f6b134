using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>
/// What waits between the follower, who adds, and one shard, which takes batches: full ones as they
/// come, the one being filled when its deadline has passed. Bounded by <c>capacity</c> in whole batches, at least one.
/// The buffers of a queue share one gate, which the follower takes once a record: the members that say so want it held.
/// </summary>
internal sealed class ShardBuffer
{
    private readonly object _gate;
    private readonly Queue<PendingBatch> _full = new();
    private readonly Stack<PendingBatch> _free = new();
    private readonly int _maxFull;
    private readonly int _batchSize;
    private PendingBatch _filling;
    private TaskCompletionSource _arrival = NewArrival();
    private bool _isRebuilding;
    private bool _isComplete;
    private bool _isSending;
    private bool _isAbandoned;

    /// <summary>Batches that were filled, or taken as they were.</summary>
    private long _made;
    private PendingBatch? _sending;

    /// <param name="rebuilds">The first batch ends by <see cref="Seal"/> alone: it has the boundaries of a request of before.</param>
    public ShardBuffer(object gate, int capacity, int batchSize, bool rebuilds = false)
    {
        _gate = gate;
        _maxFull = Math.Max(1, capacity / batchSize);
        _batchSize = batchSize;
        _isRebuilding = rebuilds;
        _filling = new PendingBatch(batchSize);
    }

    /// <summary>Nothing waits and nothing is being sent: all that was added was answered for. With the gate held.</summary>
    public bool IsIdle => !_isAbandoned && !_isSending && _full.Count == 0 && _filling.Count == 0;

    /// <summary>Batches that were answered for. With the gate held.</summary>
    public long Answered { get; private set; }

    /// <summary>Done when a full batch may be there or nothing more will be added.</summary>
    public Task Arrival
    {
        get
        {
            lock (_gate)
            {
                return _arrival.Task;
            }
        }
    }

    /// <summary>True when nothing is left and nothing will come.</summary>
    public bool IsDrained
    {
        get
        {
            lock (_gate)
            {
                return _isComplete && _full.Count == 0 && _filling.Count == 0;
            }
        }
    }

    /// <summary>False when there is no room. With the gate held, by the follower.</summary>
    public bool TryAdd(in PendingSample sample, WalPosition record, int index)
    {
        if (_filling.IsFull && !TryQueueFilling())
        {
            return false;
        }

        _filling.Add(sample, record, index);
        if (_filling.IsFull)
        {
            TryQueueFilling();
        }

        return true;
    }

    /// <summary>As <see cref="TryAdd"/>, for what was read before a stop. With the gate held, by the follower.</summary>
    /// <param name="mayRepeat">The sample may have reached the receiver.</param>
    public bool TryAddAgain(in PendingSample sample, WalPosition record, int index, bool mayRepeat)
    {
        if (_isRebuilding)
        {
            _filling.AddAgain(sample, record, index);
        }
        else if (_filling.IsFull && !TryQueueFilling())
        {
            return false;
        }
        else
        {
            _filling.Add(sample, record, index);
        }

        if (mayRepeat)
        {
            _filling.NoteRepeats();
        }

        if (!_isRebuilding && _filling.IsFull)
        {
            TryQueueFilling();
        }

        return true;
    }

    /// <summary>The first request is whole, be it empty. With the gate held, by the follower.</summary>
    public void Seal()
    {
        _isRebuilding = false;
        if (_filling.Count > 0)
        {
            Queue();
        }
    }

    /// <summary>What waits for more is sent as it is. Returns the <see cref="Answered"/> at which all of it is. With the gate held.</summary>
    public long SendNow()
    {
        if (_filling.Count > 0 && !_isRebuilding)
        {
            Queue();
        }

        return _made;
    }

    /// <summary>Takes out samples of this timestamp (ms) and newer, and marks those that are being sent. With the gate held.</summary>
    public int Purge(long fromMs)
    {
        var purged = _filling.RemoveFrom(fromMs);
        foreach (var batch in _full)
        {
            purged += batch.RemoveFrom(fromMs);
        }

        _sending?.GiveUpFrom(fromMs);
        return purged;
    }

    /// <summary>No more will be added: what is there is taken without waiting for deadlines.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            _isRebuilding = false;
            _arrival.TrySetResult();
        }
    }

    /// <summary>The next batch: a full one, or with <paramref name="partial"/> (and always at the end) what there is; null when there is none.</summary>
    public PendingBatch? Take(bool partial)
    {
        lock (_gate)
        {
            if (!_full.TryDequeue(out var batch))
            {
                if (_filling.Count == 0 || _isRebuilding || !(partial || _isComplete))
                {
                    RearmArrival();
                    return null;
                }

                batch = _filling;
                _filling = Fresh();
                _made++;
            }

            _isSending = true;
            _sending = batch;
            Monitor.PulseAll(_gate);
            RearmArrival();
            return batch;
        }
    }

    /// <summary>Gives a batch back after it was sent or dropped.</summary>
    public void Return(PendingBatch batch)
    {
        batch.Clear();
        lock (_gate)
        {
            _isSending = false;
            _sending = null;
            Answered++;
            _free.Push(batch);
        }
    }

    /// <summary>Nobody takes any more. Returns how many samples were left.</summary>
    public int Abandon()
    {
        lock (_gate)
        {
            var left = _filling.Count;
            foreach (var batch in _full)
            {
                left += batch.Count;
            }

            _isAbandoned = left > 0 || _isSending || !_isComplete;
            _full.Clear();
            _filling.Clear();
            return left;
        }
    }

    private bool TryQueueFilling()
    {
        if (_full.Count >= _maxFull)
        {
            return false;
        }

        Queue();
        return true;
    }

    private void Queue()
    {
        _full.Enqueue(_filling);
        _filling = Fresh();
        _made++;
        _arrival.TrySetResult();
    }

    private void RearmArrival()
    {
        if (!_isComplete && _full.Count == 0 && _arrival.Task.IsCompleted)
        {
            _arrival = NewArrival();
        }
    }

    private PendingBatch Fresh() => _free.TryPop(out var batch) ? batch : new PendingBatch(_batchSize);

    private static TaskCompletionSource NewArrival() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
