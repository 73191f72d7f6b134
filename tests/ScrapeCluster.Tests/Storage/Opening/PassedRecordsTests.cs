using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Tests.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Opening;

/// <summary>What a log of Prometheus holds beyond float samples and series: told, left in place, and obeyed where it deletes.</summary>
public sealed class PassedRecordsTests : IDisposable
{
    private readonly StorageFixture _storage = new(options => options with { Wal = options.Wal with { Compress = false } });

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void Open_EveryOtherKind_IsCountedByKindAndItsReferencesAreTaken()
    {
        var known = _storage.Append("a", 1000, 1).NewRefs[0];
        AddToLog(
            HandMadeRecords.Exemplars(known, 0, (known, 1000), (known, 1001)),
            HandMadeRecords.Histograms(7, known, 0, (known, 1)),
            HandMadeRecords.Histograms(8, known, 0, (known, 1)),
            HandMadeRecords.Histograms(9, known, 0, (known, 1)),
            HandMadeRecords.Histograms(10, known, 0, (known, 1), (5000, 2)),
            HandMadeRecords.MmapMarkers(known),
            [11, 1, 2, 3],
            [200, 1, 2, 3]);
        _storage.Reopen();

        Assert.Equal([1000], Assert.Single(_storage.Select("a")).TimestampsMs);
        Assert.Equal(0, _storage.Storage.Corruptions);
        Assert.Equal(5001ul, _storage.Append("b", 1000, 1).NewRefs[0]);
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["exemplars"] = 2,
                ["mmap_markers"] = 1,
                ["histograms"] = 1,
                ["float_histograms"] = 1,
                ["custom_bucket_histograms"] = 1,
                ["custom_bucket_float_histograms"] = 2,
                ["samples_with_start"] = 1,
                ["unknown"] = 1,
            },
            _storage.Values("scrapecluster_wal_passed_entries_total", "kind"));
    }

    [Fact]
    public void Open_EveryOtherKind_StaysInTheLogThroughCheckpoints()
    {
        var known = _storage.Append("a", 1000, 1).NewRefs[0];
        byte[][] records =
        [
            HandMadeRecords.Exemplars(known, 0, (known, 1000)),
            HandMadeRecords.Histograms(7, known, 0, (known, 1000)),
            HandMadeRecords.Histograms(10, known, 0, (known, 1000)),
        ];
        AddToLog(records);
        _storage.Reopen();
        _storage.Storage.Dispose();
        Checkpoint.Write(_storage.Storage.WalDirectory, WalFormat.Segments(_storage.Storage.WalDirectory)[^1], _ => true, 1000);

        var kept = new List<byte[]>();
        using var reader = new WalReader(_storage.Storage.WalDirectory);
        while (reader.TryRead(out var record))
        {
            kept.Add(record.ToArray());
        }

        Assert.All(records, record => Assert.Contains(record, kept, RecordComparer.Instance));
        _storage.Reopen();
    }

    [Fact]
    public void Checkpoint_RecordsOfUnknownKinds_GoAndAreCountedAndToldOnce()
    {
        for (var checkpoints = 0; checkpoints < 2; checkpoints++)
        {
            AddToLog([11, 1, 2, 3], [200, 1, 2, 3]);
            _storage.Reopen();
        }

        _storage.Log.Clear();
        for (var second = 1; Dropped() < 4; second++)
        {
            Assert.InRange(second, 1, 20);
            _storage.Append("a", second * 1000, second);
            _storage.Truncate(0);
        }

        Assert.Contains(_storage.Log.Complaints, line => line.StartsWith("2 records of kinds that are not known here went with the log up to segment ", StringComparison.Ordinal));
        Assert.Single(_storage.Log.Complaints);

        double Dropped() => _storage.Storage.Counters.WalDroppedRecords;
    }

    [Fact]
    public void Open_Tombstones_HideWhatTheyCover()
    {
        var known = _storage.Append("a", 1000, 1).NewRefs[0];
        for (var i = 1; i < 10; i++)
        {
            _storage.Append("a", 1000 + i, i);
        }

        _storage.Append("b", 1003, 1);
        var batch = new WalBatch();
        batch.AddTombstone(known, 1002, 1004);
        batch.AddTombstone(known, 1008, 5000);
        batch.AddTombstone(999, 0, 5000);
        AddToLog(batch.Record(0).ToArray());
        _storage.Reopen();
        Check();

        _storage.Storage.Dispose();
        Checkpoint.Write(_storage.Storage.WalDirectory, WalFormat.Segments(_storage.Storage.WalDirectory)[^1], _ => true, 0);
        _storage.Reopen();
        Check();

        void Check()
        {
            Assert.Equal([1000, 1001, 1005, 1006, 1007], Assert.Single(_storage.Select("a")).TimestampsMs);
            Assert.Equal(1007, Assert.Single(_storage.Storage.Query.LatestSamples(StorageFixture.Matchers("a"), 2000, TimeSpan.FromHours(1))).TimestampMs);
            Assert.Single(_storage.Select("b"));
        }
    }

    /// <summary>A segment of its own behind the others.</summary>
    private void AddToLog(params byte[][] records)
    {
        _storage.Storage.Dispose();
        using var writer = WalWriter.Open(_storage.Storage.WalDirectory);
        var batch = new WalBatch();
        foreach (var record in records)
        {
            batch.AddRecord(record);
        }

        Assert.Null(writer.Append(batch));
    }
}
