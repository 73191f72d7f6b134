using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Tests.Storage.Opening;

/// <summary>A bit flips in a part of the log that was whole: whoever reads it next tells, and everything else stays.</summary>
public sealed class DamagedLogTests : IDisposable
{
    private readonly StorageFixture _storage = new(options => options with { Wal = new WalOptions(SegmentSize: WalFormat.PageSize, Compress: false) });

    public void Dispose() => _storage.Dispose();

    private string WalDirectory => _storage.Storage.WalDirectory;

    [Fact]
    public void Checkpoint_ClosedSegmentIsDamaged_CountsItAndKeepsTheRest()
    {
        AppendScrapes(1, 6);
        Assert.Null(WalFormat.LastCheckpoint(WalDirectory));
        FlipBit(WalFormat.SegmentPath(WalDirectory, 0), record: 4);

        MakeCheckpoint();

        Assert.Equal(1, _storage.Storage.Corruptions);
        _storage.Reopen();
        Assert.Equal(0, _storage.Storage.Corruptions);
        Assert.Equal([1000, 2000, 3000, 5000, 6000], Assert.Single(_storage.Select("a")).TimestampsMs);
    }

    /// <summary>Nobody sends the labels again, as long as the node runs: its memory has them.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Checkpoint_SeriesRecordIsDamaged_WritesItFromMemory(int damaged)
    {
        Assert.Null(_storage.Append("a", 500, 0).Error);
        Assert.Null(_storage.Append("b", 500, 0).Error);
        var refs = new[] { "a", "b" }.Select(name => _storage.Append(name, 600, 0).NewRefs[0]).ToArray();
        FlipBit(WalFormat.SegmentPath(WalDirectory, 0), damaged);

        MakeCheckpoint();
        Assert.Equal(1, _storage.Storage.Corruptions);
        Assert.Null(_storage.Append(batch =>
        {
            batch.TimestampMs = 1000;
            batch.Add(refs[0], 1);
            batch.Add(refs[1], 1);
        }).Error);

        _storage.Reopen();
        Assert.Equal(0, _storage.Storage.Corruptions);
        Assert.Equal([500, 600, 1000], Assert.Single(_storage.Select("a")).TimestampsMs);
        Assert.Equal([500, 600, 1000], Assert.Single(_storage.Select("b")).TimestampsMs);
        Assert.Equal(refs, new[] { "a", "b" }.Select(name => _storage.Append(name, 2000, 0).NewRefs[0]));
        Assert.Equal(2, SeriesRecordsIn(WalDirectory).Count);
    }

    [Fact]
    public void Open_SamplesOfTheCheckpointAreDamaged_CountsItMendsItAndKeepsTheRest()
    {
        AppendScrapes(1, 6);
        MakeCheckpoint();
        AppendScrapes(7, 8);
        _storage.Storage.Dispose();
        FlipBit(WalFormat.SegmentPath(WalFormat.CheckpointPath(WalDirectory, WalFormat.LastCheckpoint(WalDirectory)!.Value), 0), record: 1);

        _storage.Reopen();
        Assert.Equal(1, _storage.Storage.Corruptions);
        Assert.Equal([7000, 8000], Assert.Single(_storage.Select("a")).TimestampsMs);
        _storage.Reopen();
        Assert.Equal(0, _storage.Storage.Corruptions);
        Assert.Equal([7000, 8000], Assert.Single(_storage.Select("a")).TimestampsMs);
    }

    /// <summary>References, as often as they stand in the log: a second record of a series makes Prometheus forget the samples between the two.</summary>
    private static List<ulong> SeriesRecordsIn(string directory)
    {
        var refs = new List<ulong>();
        using var reader = new WalReader(directory);
        while (reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] == WalRecordType.Series)
            {
                for (var series = new SeriesRecordReader(record); series.MoveNext();)
                {
                    refs.Add(series.Ref);
                }
            }
        }

        return refs;
    }

    private void AppendScrapes(int first, int last)
    {
        for (var i = first; i <= last; i++)
        {
            Assert.Null(_storage.Append("a", i * 1000, i).Error);
        }
    }

    private void MakeCheckpoint()
    {
        for (var i = 0; WalFormat.LastCheckpoint(WalDirectory) is null; i++)
        {
            Assert.InRange(i, 0, 10);
            _storage.Truncate(0);
        }
    }

    /// <summary>In the data of one record; the first is number 0.</summary>
    private static void FlipBit(string segment, int record)
    {
        long offset;
        using (var reader = new SegmentReader(segment, 0))
        {
            for (var i = 0; i <= record; i++)
            {
                Assert.True(reader.TryRead(out _));
            }

            offset = reader.RecordOffset;
        }

        var bytes = File.ReadAllBytes(segment);
        bytes[offset + WalFormat.HeaderSize + 1] ^= 0x10;
        File.WriteAllBytes(segment, bytes);
    }
}
