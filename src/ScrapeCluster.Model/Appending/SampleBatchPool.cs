using System.Collections.Concurrent;

namespace ScrapeCluster.Model;

/// <summary>Batches to rent; bounded, so that a burst of large scrapes does not stay in memory.</summary>
public sealed class SampleBatchPool(int maxRetained = 64, int maxRetainedBytes = 1 << 20)
{
    private readonly ConcurrentBag<SampleBatch> _free = [];

    public SampleBatch Rent() => _free.TryTake(out var batch) ? batch : new SampleBatch();

    public void Return(SampleBatch batch)
    {
        batch.Reset();
        if (_free.Count < maxRetained && batch.CapacityBytes <= maxRetainedBytes)
        {
            _free.Add(batch);
        }
    }
}
