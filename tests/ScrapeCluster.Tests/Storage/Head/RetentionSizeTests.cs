namespace ScrapeCluster.Tests.Storage.Head;

public class RetentionSizeTests
{
    private const long Limit = 2_000_000;
    private const int SeriesCount = 100;

    private readonly Random _random = new(1);
    private readonly ulong[] _refs = new ulong[SeriesCount];

    [Fact]
    public void LogAndChunkFiles_StayBelowTheLimit_AndMemoryAgreesWithThem()
    {
        using var storage = new StorageFixture(options => options with { RetentionSizeBytes = Limit, RetentionTime = TimeSpan.Zero });
        for (var scrape = 1; scrape <= 6000; scrape++)
        {
            Scrape(storage, scrape * 10_000L);
            if (scrape % 50 == 0)
            {
                Maintain(storage);
                Assert.InRange(BytesOf(storage), 0, Limit + (Limit / 8));
            }
        }

        var before = storage.Storage.Query.Stats;
        Assert.Equal(SeriesCount, before.SeriesCount);
        Assert.True(BytesOf(storage) > Limit / 2, "much more was given up than the limit asks for");
        var samples = storage.Select("{job=\"test\"}", before.MinTimeMs).Sum(series => series.TimestampsMs.Length);
        Assert.True(samples > 50_000, $"{samples} samples are left");

        storage.Reopen();

        Assert.Equal(samples, storage.Select("{job=\"test\"}", before.MinTimeMs).Sum(series => series.TimestampsMs.Length));
        Assert.Equal(0, storage.Storage.Corruptions);
        Assert.Equal(0, storage.Storage.ChunkCorruptions);
    }

    [Fact]
    public void SeriesAloneAboveTheLimit_AreNotCutAtEveryTick()
    {
        using var storage = new StorageFixture(options => options with { RetentionSizeBytes = 100_000 });
        storage.Append(batch =>
        {
            batch.TimestampMs = 1000;
            for (var i = 0; i < 20_000; i++)
            {
                batch.AddNew(StorageFixture.Series($"a_rather_long_name_that_packs_badly_{_random.NextInt64():x}"), i);
            }
        });
        storage.Append("other", 1_000_000, 1);

        var cuts = 0;
        for (var tick = 0; tick < 20; tick++)
        {
            cuts += Maintain(storage) ? 1 : 0;
        }

        Assert.InRange(cuts, 1, 4);
    }

    private void Scrape(StorageFixture storage, long time)
    {
        var result = storage.Append(batch =>
        {
            batch.TimestampMs = time;
            for (var i = 0; i < SeriesCount; i++)
            {
                var value = _random.NextDouble();
                if (_refs[i] == 0)
                {
                    batch.AddNew(StorageFixture.Series($"s{i}"), value);
                }
                else
                {
                    batch.Add(_refs[i], value);
                }
            }
        });
        Assert.Empty(result.Unknown);
        result.NewRefs.CopyTo(_refs, 0);
    }

    private static bool Maintain(StorageFixture storage)
    {
        var writer = storage.Storage.Writer;
        if (writer.BeginFlush() is { } flush)
        {
            writer.EndFlush(flush.GetAwaiter().GetResult());
        }

        var isCut = writer.BeginTruncation();
        while (isCut && writer.ContinueTruncation())
        {
        }

        if (writer.BeginCheckpoint(TestContext.Current.CancellationToken) is { } checkpoint)
        {
            writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
        }

        return isCut;
    }

    private static long BytesOf(StorageFixture storage)
    {
        return new DirectoryInfo(storage.Directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
    }
}
