using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>
/// What waits between the follower, who adds and blocks when it is full, and one shard, which takes batches: full ones as they
/// come, the one being filled when its deadline has passed. Bounded by <c>capacity</c> in whole batches, at least one.
/// </summary>
internal sealed class ShardBuffer
{
    private readonly object _gate = new();
    private readonly Queue<PendingBatch> _full = new();
    private readonly Stack<PendingBatch> _free = new();
    private readonly int _maxFull;
    private readonly int _batchSize;
    private PendingBatch _filling;
    private TaskCompletionSource _arrival = NewArrival();
    private bool _isComplete;

    public ShardBuffer(int capacity, int batchSize)
    {
        _maxFull = Math.Max(1, capacity / batchSize);
        _batchSize = batchSize;
        _filling = new PendingBatch(batchSize);
    }

    /// <summary>Samples that wait, those of the batch being sent excepted.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return (_full.Count * _batchSize) + _filling.Count;
            }
        }
    }

    /// <summary>Adds at once, or after <paramref name="patience"/> at the latest answers false because there was no room.</summary>
    public bool TryAdd(in PendingSample sample, TimeSpan patience)
    {
        lock (_gate)
        {
            if (_filling.IsFull && !TryQueueFilling() && (!Monitor.Wait(_gate, patience) || !TryQueueFilling()))
            {
                return false;
            }

            _filling.Add(sample);
            if (_filling.IsFull)
            {
                TryQueueFilling();
            }

            return true;
        }
    }

    /// <summary>No more will be added: what is there is taken without waiting for deadlines.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            _arrival.TrySetResult();
        }
    }

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

    /// <summary>The next batch: a full one, or with <paramref name="partial"/> (and always at the end) what there is; null when there is none.</summary>
    public PendingBatch? Take(bool partial)
    {
        lock (_gate)
        {
            if (_full.TryDequeue(out var batch))
            {
                Monitor.PulseAll(_gate);
                RearmArrival();
                return batch;
            }

            RearmArrival();
            if (_filling.Count == 0 || !(partial || _isComplete))
            {
                return null;
            }

            batch = _filling;
            _filling = Fresh();
            Monitor.PulseAll(_gate);
            return batch;
        }
    }

    /// <summary>Gives a batch back after it was sent or dropped.</summary>
    public void Return(PendingBatch batch)
    {
        batch.Clear();
        lock (_gate)
        {
            _free.Push(batch);
        }
    }

    private bool TryQueueFilling()
    {
        if (!_filling.IsFull)
        {
            return true;
        }

        if (_full.Count >= _maxFull)
        {
            return false;
        }

        _full.Enqueue(_filling);
        _filling = Fresh();
        _arrival.TrySetResult();
        return true;
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
