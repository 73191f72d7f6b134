using System.Numerics;

namespace ScrapeCluster.Scraping;

/// <summary>
/// Buffers for bodies, in sizes of powers of two. Bounded as a whole: a buffer is held only while a body is read, so a thousand targets
/// need as many as are read at the same moment; what a burst made beyond that goes to the collector.
/// </summary>
internal sealed class BodyBufferPool(long maxRetainedBytes = 32L << 20)
{
    public const int SmallestBytes = 4096;

    // Arrays can be no longer than Array.MaxLength, which is less than 2^31.
    private const int LargestPower = 30;

    private readonly Lock _lock = new();
    private readonly Stack<byte[]>[] _free = [.. Enumerable.Range(0, LargestPower + 1).Select(_ => new Stack<byte[]>())];
    private long _retainedBytes;

    public long RetainedBytes => Interlocked.Read(ref _retainedBytes);

    public byte[] Rent(int atLeastBytes)
    {
        var power = BitOperations.Log2((uint)Math.Max(atLeastBytes, SmallestBytes) - 1) + 1;
        if (power > LargestPower)
        {
            return GC.AllocateUninitializedArray<byte>(atLeastBytes);
        }

        lock (_lock)
        {
            if (_free[power].TryPop(out var buffer))
            {
                _retainedBytes -= buffer.Length;
                return buffer;
            }
        }

        return GC.AllocateUninitializedArray<byte>(1 << power);
    }

    public void Return(byte[] buffer)
    {
        lock (_lock)
        {
            if (BitOperations.IsPow2(buffer.Length) && _retainedBytes + buffer.Length <= maxRetainedBytes)
            {
                _retainedBytes += buffer.Length;
                _free[BitOperations.Log2((uint)buffer.Length)].Push(buffer);
            }
        }
    }
}
