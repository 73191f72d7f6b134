using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>A directory that goes with the test, and the short ways to fill and read it.</summary>
public abstract class WalTestBase : IDisposable
{
    protected string WalDirectory { get; } = Directory.CreateTempSubdirectory("wal-").FullName;

    public void Dispose()
    {
        Directory.Delete(WalDirectory, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string SegmentFile(int index) => WalFormat.SegmentPath(WalDirectory, index);

    protected List<byte[]> ReadRecords() => ReadRecords(out _);

    protected List<byte[]> ReadRecords(out IReadOnlyList<WalDamage> damages)
    {
        var records = new List<byte[]>();
        using var reader = new WalReader(WalDirectory);
        while (reader.TryRead(out var record))
        {
            records.Add(record.ToArray());
        }

        damages = reader.Damages;
        return records;
    }

    protected static byte[] RandomRecord(Random random, int maxLength)
    {
        var record = new byte[1 + random.Next(maxLength)];
        if (random.Next(2) == 0)
        {
            random.NextBytes(record);
        }
        else
        {
            record.AsSpan().Fill((byte)random.Next(256));
        }

        return record;
    }

    protected static WalBatch BatchOf(params byte[][] records)
    {
        var batch = new WalBatch();
        foreach (var record in records)
        {
            batch.AddRecord(record);
        }

        return batch;
    }

    protected static Labels SeriesLabels(ulong seriesRef) => Labels.Of(("__name__", "series"), ("ref", $"{seriesRef}"));
}
