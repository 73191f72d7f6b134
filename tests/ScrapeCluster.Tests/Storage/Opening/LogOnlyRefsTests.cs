using ScrapeCluster.Model;
using ScrapeCluster.Storage.Appending;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;
using ScrapeCluster.Tests.Storage.Agent;
using ScrapeCluster.Tests.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Opening;

/// <summary>
/// A log with a second reference of a series, as when it was forgotten and came back before the log forgot it, and with histograms: what is young of them
/// outlives the segments it stood in, with its series record, and goes when it is old.
/// </summary>
public sealed class LogOnlyRefsTests
{
    private const long Minute = 60_000;
    private const ulong First = 1;
    private const ulong Second = 2;
    private const ulong Histogram = 3;

    [Fact]
    public void Server_YoungSamplesUnderASecondReference_OutliveTheirSegments()
    {
        using var storage = new StorageFixture(options => options with { Wal = new WalOptions(SegmentSize: WalFormat.PageSize) });
        storage.Storage.Dispose();
        WriteLog(storage.Storage.WalDirectory, 0);
        storage.Reopen();
        storage.Append("other", 70 * Minute, 1);

        CutUntilPassed(storage.Storage.WalDirectory, () => storage.Truncate(30 * Minute));

        Assert.Equal([First, Second, Histogram], RefsOf(storage.Storage.WalDirectory, "a", "h"));
        storage.Reopen();
        Assert.Equal([50 * Minute, 60 * Minute], Assert.Single(storage.Select("a")).TimestampsMs);
        Assert.Equal(1, storage.Values("scrapecluster_wal_passed_entries_total", "kind")["histograms"]);

        storage.Append("a", 80 * Minute, 1);
        CutUntilPassed(storage.Storage.WalDirectory, () => storage.Truncate(70 * Minute));
        Assert.Equal([First], RefsOf(storage.Storage.WalDirectory, "a", "h"));
        storage.Reopen();
        Assert.Equal([80 * Minute], Assert.Single(storage.Select("a")).TimestampsMs);
    }

    [Fact]
    public void Agent_YoungSamplesUnderASecondReference_OutliveTheirSegments()
    {
        using var agent = new AgentFixture(options => options with { Wal = new WalOptions(SegmentSize: WalFormat.PageSize), MaxTime = TimeSpan.FromMinutes(40), TruncateInterval = TimeSpan.FromMinutes(1) });
        agent.Storage.Dispose();
        var start = agent.NowMs;
        WriteLog(agent.Storage.WalDirectory, start);
        agent.Reopen();
        agent.Time.Advance(TimeSpan.FromMinutes(70));
        agent.Append("other", agent.NowMs, 1);

        CutUntilPassed(agent.Storage.WalDirectory, agent.Truncate);

        Assert.Equal([First, Second, Histogram], RefsOf(agent.Storage.WalDirectory, "a", "h"));
        agent.Reopen();
        Assert.Equal([("a", start + (50 * Minute), 1), ("a", start + (60 * Minute), 1), ("other", agent.NowMs, 1)], agent.Log());

        agent.Time.Advance(TimeSpan.FromMinutes(40));
        agent.Append("a", agent.NowMs, 2);
        CutUntilPassed(agent.Storage.WalDirectory, agent.Truncate);
        Assert.Equal([First], RefsOf(agent.Storage.WalDirectory, "a", "h"));
        Assert.Contains(("a", agent.NowMs, 2), agent.Log());
    }

    [Fact]
    public void Forget_KeepsWhatALaterSegmentOrAYoungSampleNeeds()
    {
        var expiries = new WalExpiries();
        expiries.Add(1, lastSegment: 5);
        expiries.Add(2, lastSegment: 3, newestMs: 1000);
        expiries.Add(3, lastSegment: 3, newestMs: 999);
        expiries.Add(3, lastSegment: 4);

        Assert.True(expiries.IsNeeded(1, 4, 1000));
        Assert.True(expiries.IsNeeded(2, 4, 1000));
        Assert.True(expiries.IsNeeded(3, 3, 1000));
        Assert.True(expiries.IsNeeded(3, 4, 999));
        Assert.False(expiries.IsNeeded(3, 4, 1000));
        expiries.Forget(4, 1000);
        Assert.Equal(2, expiries.Count);
        expiries.Forget(5, 1001);
        Assert.Equal(0, expiries.Count);
    }

    /// <summary>Three segments: the first reference with an old sample, the second one with young ones, a series of nothing but a histogram.</summary>
    private static void WriteLog(string directory, long startMs)
    {
        using var writer = WalWriter.Open(directory);
        Append(batch =>
        {
            batch.AddSeries(First, StorageFixture.Series("a"));
            batch.AddSample(First, startMs + (10 * Minute), 1);
        });
        Append(batch =>
        {
            batch.AddSeries(Second, StorageFixture.Series("a"));
            batch.AddSample(Second, startMs + (50 * Minute), 1);
        });
        Append(batch =>
        {
            batch.AddSeries(Histogram, StorageFixture.Series("h"));
            batch.AddSample(Second, startMs + (60 * Minute), 1);
            batch.AddRecord(HandMadeRecords.Histograms(7, Histogram, startMs, (Histogram, startMs + (60 * Minute))));
        });

        void Append(Action<WalBatch> fill)
        {
            var batch = new WalBatch();
            fill(batch);
            Assert.Null(writer.Append(batch));
            Assert.Null(writer.StartNextSegment());
        }
    }

    /// <summary>Each cut starts a segment and leaves a third of them: after some the checkpoint stands for all that there are now.</summary>
    private static void CutUntilPassed(string directory, Action cut)
    {
        var last = WalFormat.Segments(directory)[^1];
        for (var i = 0; (WalFormat.LastCheckpoint(directory) ?? -1) < last; i++)
        {
            Assert.InRange(i, 0, 20);
            cut();
        }
    }

    /// <summary>References with series records in the log, of some names.</summary>
    private static List<ulong> RefsOf(string directory, params string[] names)
    {
        var refs = new SortedSet<ulong>();
        var wanted = names.Select(StorageFixture.Series).ToList();
        var labels = new LabelsBuilder();
        using var reader = new WalReader(directory);
        while (reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] != WalRecordType.Series)
            {
                continue;
            }

            for (var series = new SeriesRecordReader(record); series.MoveNext();)
            {
                series.ReadLabels(labels);
                if (wanted.Contains(labels.ToLabels()))
                {
                    refs.Add(series.Ref);
                }
            }
        }

        return [.. refs];
    }
}
