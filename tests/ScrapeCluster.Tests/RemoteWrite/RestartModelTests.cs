using ScrapeCluster.Configuration;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>Random scrapes, outages, lost answers, kills, stops and reloads against a receiver that refuses as stock Prometheus does; in the end it has every sample once.</summary>
public sealed class RestartModelTests
{
    private const int SeriesCount = 12;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_EverySampleArrivesOnceAndInOrder(int seed)
    {
        var random = new Random(seed);
        await using var receiver = await Receiver.StartAsync();
        var store = new StockStore();
        var moods = new Random(seed);
        var isWell = false;
        receiver.Store = request => Answer(store, request, Volatile.Read(ref isWell) ? 9 : moods.Next(9));
        await using var bench = new RemoteWriteBench(new WalOptions(SegmentSize: 2 * WalFormat.PageSize), flushDeadline: Short);
        var config = Next(random, RemoteWriteBench.Config(receiver));
        await bench.ApplyAsync(config);
        var time = 0;
        for (var step = 0; step < 40; step++)
        {
            for (var scrapes = random.Next(6); scrapes > 0; scrapes--)
            {
                Append(bench, random, ++time);
            }

            switch (random.Next(6))
            {
                case 0:
                    await bench.KillAsync();
                    await bench.ApplyAsync(config);
                    break;
                case 1:
                    await bench.FlushAsync(Short);
                    await bench.KillAsync();
                    config = Next(random, config);
                    await bench.ApplyAsync(config);
                    break;
                case 2:
                    config = Next(random, config);
                    await bench.ApplyAsync(config);
                    break;
                case 3:
                    Assert.Null(bench.Wal.StartNextSegment());
                    break;
                default:
                    break;
            }
        }

        Volatile.Write(ref isWell, true);
        Append(bench, null, ++time);
        Assert.True(await bench.FlushAsync());
        Assert.Equal(0, bench.Value("prometheus_remote_storage_samples_failed_total"));
        Assert.Equal(0, bench.Value("prometheus_remote_storage_samples_dropped_total"));
        foreach (var (text, expected) in bench.Appended.GroupBy(sample => sample.Series).Select(series => (series.Key, series.Select(sample => sample.TimestampMs))))
        {
            Assert.Equal(expected, store.Series[text].Select(sample => sample.TimestampMs));
        }
    }

    /// <summary>0: down; 1: takes it, and the answer is lost; else as it should.</summary>
    private static int Answer(StockStore store, IReadOnlyList<ReceivedSample> request, int mood)
    {
        if (mood == 0)
        {
            return 503;
        }

        var status = store.Store(request);
        return mood == 1 && status == 204 ? 500 : status;
    }

    private static RemoteWriteConfig Next(Random random, RemoteWriteConfig config) => config with
    {
        RemoteTimeout = TimeSpan.FromSeconds(random.Next(20, 40)),
        Queue = config.Queue with
        {
            MinShards = random.Next(1, 5),
            MaxSamplesPerSend = random.Next(1, 40),
            Capacity = random.Next(1, 200),
            BatchSendDeadline = TimeSpan.FromMilliseconds(random.Next(5, 50)),
        },
    };

    private static void Append(RemoteWriteBench bench, Random? random, int time)
    {
        var samples = new List<(ulong, double)>();
        for (var series = 1; series <= SeriesCount; series++)
        {
            if (random is null || random.Next(4) > 0)
            {
                samples.Add(((ulong)series, time + (series / 100.0)));
            }
        }

        bench.Append(time, [.. samples]);
    }
}
