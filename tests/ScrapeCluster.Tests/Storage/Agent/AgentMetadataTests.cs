using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;
using ScrapeCluster.Tests.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Agent;

/// <summary>Metadata of series on its way into the log of an agent, and back.</summary>
public sealed class AgentMetadataTests : IDisposable
{
    private static readonly MetricMetadata Old = new(MetricType.Counter, "old, \u00fcber \"alles\"\n", "");
    private static readonly MetricMetadata New = new(MetricType.Counter, "new", "seconds");

    private readonly FaultyWalFiles _disk = new();
    private readonly AgentFixture _storage;

    public AgentMetadataTests() => _storage = new AgentFixture(options => options with { Wal = options.Wal with { KeepsMetadata = true } }, _disk);

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void Append_NewSeriesWithMetadata_StandsBetweenSeriesAndSamples()
    {
        AppendNew(1000, Old, "a", "b");
        Assert.Equal([("a", Old), ("b", Old)], Logged());
        Assert.Equal([WalRecordType.Series, WalRecordType.Metadata, WalRecordType.Samples], LoggedMetadata.Kinds(_storage.Storage.WalDirectory));
    }

    [Fact]
    public void Append_Changed_WritesOneEntryASeries()
    {
        var refs = AppendNew(1000, Old, "a", "b", "c");
        Append(2000, refs, Old);
        Append(3000, refs[..2], New);
        Append(4000, refs, New);
        Append(5000, refs, null);
        Assert.Equal([("a", Old), ("b", Old), ("c", Old), ("a", New), ("b", New), ("c", New)], Logged());
    }

    [Fact]
    public void Append_OneSeriesTwiceInABatch_WritesItOnce()
    {
        AppendNew(1000, Old, "a", "a");
        Assert.Equal([("a", Old)], Logged());
    }

    [Fact]
    public void Append_RefusedSampleAndUnknownSeries_OnlyTheKnownSeriesIsDescribed()
    {
        var refs = AppendNew(1000, Old, "a");
        Append(500, [refs[0], 4711], New);
        Assert.Equal([("a", Old), ("a", New)], Logged());
    }

    [Fact]
    public void Append_LogThatFails_WritesItWithTheNext()
    {
        var refs = AppendNew(1000, Old, "a");
        _disk.RoomBytes = 0;
        Assert.NotNull(_storage.Append(batch => Fill(batch, 2000, refs, New)).Error);
        _disk.RoomBytes = long.MaxValue;
        Append(3000, refs, New);
        Append(4000, refs, New);
        Assert.Equal([("a", Old), ("a", New)], Logged());
    }

    [Fact]
    public void Reopen_RemembersTheNewest()
    {
        var refs = AppendNew(1000, Old, "a", "b");
        Append(2000, refs[..1], New);
        _storage.Reopen();
        AppendNew(3000, New, "a");
        AppendNew(3000, Old, "b");
        Assert.Equal(3, Logged().Count);
        AppendNew(4000, Old, "a");
        Assert.Equal(("a", Old), Logged()[^1]);
        Assert.Equal(4, Logged().Count);
    }

    [Fact]
    public void Truncate_CheckpointKeepsTheNewestOfLivingSeries()
    {
        var refs = AppendNew(_storage.NowMs, Old, "gone", "stays");
        for (var i = 0; i < 6000; i++)
        {
            _storage.Time.Advance(TimeSpan.FromSeconds(10));
            Append(_storage.NowMs, refs[1..], i < 20 ? Old : New);
        }

        _storage.Truncate();
        _storage.Truncate();

        Assert.NotNull(WalFormat.LastCheckpoint(_storage.Storage.WalDirectory));
        Assert.Equal(("stays", New), Assert.Single(Logged(), entry => entry.Name == "stays"));
        var before = Logged().Count;
        AppendNew(_storage.NowMs + 1, Old, "gone");
        Assert.Equal(before + 1, Logged().Count);
        _storage.Reopen();
        AppendNew(_storage.NowMs + 2, New, "stays");
        Assert.Equal(before + 1, Logged().Count);
    }

    [Fact]
    public void Off_WritesNone()
    {
        using var off = new AgentFixture();
        off.Append(batch =>
        {
            batch.TimestampMs = 1000;
            batch.AddNew(StorageFixture.Series("a"), 1);
            batch.Describe(Old);
        });
        Assert.Empty(LoggedMetadata.Read(off.Storage.WalDirectory));
    }


    private List<(string Name, MetricMetadata Metadata)> Logged() => LoggedMetadata.Read(_storage.Storage.WalDirectory);

    private ulong[] AppendNew(long timestampMs, MetricMetadata metadata, params string[] names)
    {
        var result = _storage.Append(batch =>
        {
            batch.TimestampMs = timestampMs;
            foreach (var name in names)
            {
                batch.AddNew(StorageFixture.Series(name), 1);
                batch.Describe(metadata);
            }
        });
        Assert.Null(result.Error);
        return result.NewRefs;
    }

    private void Append(long timestampMs, ulong[] refs, MetricMetadata? metadata) =>
        Assert.Null(_storage.Append(batch => Fill(batch, timestampMs, refs, metadata)).Error);

    private static void Fill(SampleBatch batch, long timestampMs, ulong[] refs, MetricMetadata? metadata)
    {
        batch.TimestampMs = timestampMs;
        foreach (var seriesRef in refs)
        {
            batch.Add(seriesRef, 1);
            if (metadata is not null)
            {
                batch.Describe(metadata);
            }
        }
    }
}
