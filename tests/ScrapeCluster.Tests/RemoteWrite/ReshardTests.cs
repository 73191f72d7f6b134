using ScrapeCluster.Configuration;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>Another number of shards while samples flow: none is missing, none comes twice, and those of a series stay in order.</summary>
public sealed class ReshardTests
{
    private const int SeriesCount = 25;

    [Fact]
    public async Task Reshard_UpAndDownWhileSending_EverySampleArrivesOnceAndInOrder()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new QueueBench();
        bench.Open(Config(receiver, 1));
        var time = 0;
        foreach (var count in (int[])[1, 4, 2, 7, 1, 3])
        {
            bench.Queue.Reshard(count);
            Append(bench, ref time, 20);
            await receiver.WaitAsync(() => receiver.Samples.Count >= bench.Appended.Count, () => $"{receiver.Samples.Count} of {bench.Appended.Count} with {count} shards");
            Assert.Equal(count, bench.Metrics.Shards.Value);
        }

        Assert.True(await bench.StopAsync());
        AssertAll(bench, receiver.Samples);
    }

    [Fact]
    public async Task Reshard_WhileTheReceiverIsDown_WaitsForItAndLosesNothing()
    {
        await using var receiver = await Receiver.StartAsync();
        var isDown = true;
        receiver.Answer = (_, _) => Task.FromResult(Volatile.Read(ref isDown) ? 503 : 204);
        await using var bench = new QueueBench();
        bench.Open(Config(receiver, 2));
        var time = 0;
        Append(bench, ref time, 2);
        await receiver.WaitAsync(() => !receiver.Requests.IsEmpty, () => "no request");
        bench.Queue.Reshard(5);
        Append(bench, ref time, 30);
        await receiver.WaitAsync(() => receiver.Requests.Count > 8, () => $"{receiver.Requests.Count} requests");
        Assert.Equal(2, bench.Metrics.Shards.Value);
        Volatile.Write(ref isDown, false);

        Assert.True(await bench.StopAsync());
        AssertAll(bench, receiver.Samples);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Random_ReshardsAndKills_TheReceiverHasEverySampleOnceAndInOrder(int seed)
    {
        var random = new Random(seed);
        await using var receiver = await Receiver.StartAsync();
        var store = new StockStore();
        var moods = new Random(seed);
        var isWell = false;
        receiver.Store = request =>
        {
            var mood = Volatile.Read(ref isWell) ? 9 : moods.Next(10);
            var status = mood == 0 ? 503 : store.Store(request);
            return mood == 1 && status == 204 ? 500 : status;
        };
        await using var bench = new QueueBench();
        var config = Config(receiver, 3);
        bench.Open(config);
        var time = 0;
        for (var step = 0; step < 40; step++)
        {
            Append(bench, ref time, random.Next(4), random);
            switch (random.Next(4))
            {
                case 0:
                    bench.Queue.Reshard(random.Next(1, 8));
                    break;
                case 1:
                    await bench.KillAsync();
                    bench.Open(config);
                    break;
                case 2:
                    var some = receiver.Requests.Count + random.Next(4);
                    await receiver.WaitAsync(() => receiver.Requests.Count >= some || IsAllStored(), () => $"{receiver.Requests.Count} of {some} requests");
                    break;
                default:
                    break;
            }
        }

        Volatile.Write(ref isWell, true);
        Assert.True(await bench.StopAsync());
        Assert.Equal(0, bench.Metrics.SamplesFailed.Value);
        AssertAll(bench, store.Stored);

        bool IsAllStored() => store.Count == bench.Appended.Count;
    }

    private static RemoteWriteConfig Config(Receiver receiver, int shards) => RemoteWriteBench.Config(
        receiver, new QueueConfig { MinShards = shards, MaxSamplesPerSend = 9, Capacity = 40, BatchSendDeadline = TimeSpan.FromMilliseconds(20) });

    private static void Append(QueueBench bench, ref int time, int scrapes, Random? random = null)
    {
        for (; scrapes > 0; scrapes--)
        {
            time++;
            var samples = new List<(ulong, double)>();
            for (var series = 1; series <= SeriesCount; series++)
            {
                if (random is null || random.Next(3) > 0)
                {
                    samples.Add(((ulong)series, time + (series / 100.0)));
                }
            }

            bench.Append(time, [.. samples]);
        }
    }

    private static void AssertAll(QueueBench bench, IEnumerable<ReceivedSample> received)
    {
        var bySeries = received.ToLookup(sample => sample.Series);
        foreach (var series in bench.Appended.GroupBy(sample => sample.Series))
        {
            Assert.Equal(series, bySeries[series.Key]);
        }
    }
}
