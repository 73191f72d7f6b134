using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Offline;

/// <summary>How many samples the log has that are in no block, and of what time: counted record by record, no head is made.</summary>
internal static class HeadTimes
{
    /// <param name="fromMs">Samples before it are in blocks.</param>
    public static HeadListing Of(DataDirectory directory, long fromMs, CancellationToken cancellation)
    {
        var (count, minMs, maxMs) = (0L, long.MaxValue, long.MinValue);
        using var reader = new WalReader(directory.WalPath);
        while (reader.TryRead(out var record))
        {
            cancellation.ThrowIfCancellationRequested();
            if ((WalRecordType)record[0] != WalRecordType.Samples)
            {
                continue;
            }

            var samples = new SamplesRecordReader(record);
            while (samples.MoveNext())
            {
                if (samples.TimestampMs >= fromMs)
                {
                    count++;
                    minMs = Math.Min(minMs, samples.TimestampMs);
                    maxMs = Math.Max(maxMs, samples.TimestampMs);
                }
            }
        }

        var isHeld = directory.Holder is not null;
        var damages = reader.Damages.Count(damage => !isHeld || !LogEnd.IsOf(directory.WalPath, damage));
        return count == 0 ? new HeadListing(0, null, null, damages) : new HeadListing(count, minMs, maxMs, damages);
    }
}
