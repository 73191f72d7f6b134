namespace ScrapeCluster.Storage;

/// <summary>How much the log has been given since the process started. Written by the one writer, read by anyone.</summary>
public sealed class AppendedSamples
{
    private long _count;
    private long _highestMs;

    public long Count => Volatile.Read(ref _count);

    /// <summary>The newest timestamp, in milliseconds; 0 before the first sample.</summary>
    public long HighestMs => Volatile.Read(ref _highestMs);

    /// <summary>Only the writer, and for samples that were stored.</summary>
    public void Note(long count, long highestMs)
    {
        Volatile.Write(ref _count, _count + count);
        if (highestMs > _highestMs)
        {
            Volatile.Write(ref _highestMs, highestMs);
        }
    }
}
