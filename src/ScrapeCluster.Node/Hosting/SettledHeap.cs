namespace ScrapeCluster.Node.Hosting;

/// <summary>Whether a heap has grown and stands still now, asked at equal intervals.</summary>
internal sealed class SettledHeap
{
    /// <summary>Less is not worth a pause.</summary>
    public const long SmallestBytes = 128 << 20;

    private long _tidiedBytes;
    private long _allocatedBefore;

    /// <param name="heapBytes">Its size, what is dead included.</param>
    /// <param name="allocatedBytes">All that was ever allocated.</param>
    public bool IsDue(long heapBytes, long allocatedBytes)
    {
        var allocated = allocatedBytes - _allocatedBefore;
        _allocatedBefore = allocatedBytes;
        return heapBytes >= SmallestBytes && heapBytes - _tidiedBytes > _tidiedBytes / 2 && allocated < heapBytes / 2;
    }

    /// <summary>The heap was compacted to this size.</summary>
    public void Tidied(long heapBytes) => _tidiedBytes = heapBytes;
}
