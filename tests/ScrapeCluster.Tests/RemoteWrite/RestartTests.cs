using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>
/// What is owed over stops, kills and reloads: nothing is missing, and what is sent twice is sent as before. A request that is cut off by a stop may still be taken
/// later; so the receiver is one that refuses repeats.
/// </summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Kill_RequestsOnTheirWay_AreSentAgainByteForByte()
    {
        await using var receiver = await Receiver.StartAsync();
        var store = new StockStore();
        receiver.Store = store.Store;
        receiver.Answer = (_, _) => Task.FromResult(503);
        await using var bench = new RemoteWriteBench(new WalOptions(SegmentSize: 2 * WalFormat.PageSize));
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MinShards = 3, MaxSamplesPerSend = 37, Capacity = 100 });
        await bench.ApplyAsync(config);
        AppendMany(bench, 1, 40);
        await receiver.WaitAsync(() => receiver.Bodies.Distinct(Bytes.Comparer).Count() == 3, () => $"{receiver.Bodies.Count} requests");
        var before = receiver.Bodies.Distinct(Bytes.Comparer).ToList();

        await bench.KillAsync();
        receiver.Bodies.Clear();
        receiver.Answer = (_, _) => Task.FromResult(204);
        await bench.ApplyAsync(config with { Queue = config.Queue with { MaxSamplesPerSend = 20 } });
        AppendMany(bench, 41, 60);

        Assert.True(await bench.FlushAsync());
        AssertAll(store.Stored, 60);
        Assert.Subset(receiver.Bodies.ToHashSet(Bytes.Comparer), before.ToHashSet(Bytes.Comparer));
    }

    [Fact]
    public async Task Kill_ReceiverTookWhatItDidNotAnswer_OnlyTheRepeatsAreRefusedAndNothingIsMissing()
    {
        await using var receiver = await Receiver.StartAsync();
        var store = new StockStore();
        receiver.Store = store.Store;
        var answered = 0;
        var isDown = false;
        await using var bench = new RemoteWriteBench();

        // Full requests only: one of a single scrape would be no repeat that is refused.
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow with { MaxSamplesPerSend = 100 });

        // From the third request on it stores and does not answer.
        receiver.Store = request =>
        {
            var status = isDown ? 503 : store.Store(request);
            isDown |= ++answered == 3;
            return isDown ? 503 : status;
        };
        await bench.ApplyAsync(config);
        AppendMany(bench, 1, 40);
        await receiver.WaitAsync(() => receiver.Bodies.Count >= 4, () => $"{receiver.Bodies.Count} requests");

        await bench.KillAsync();
        receiver.Store = store.Store;
        await bench.ApplyAsync(config);
        AppendMany(bench, 41, 50);

        Assert.True(await bench.FlushAsync());
        AssertAll(store.Stored, 50);
        Assert.True(store.RefusedRequests > 0);
        Assert.Equal(0, bench.Value("prometheus_remote_storage_samples_failed_total"));
        Assert.InRange(bench.Value("scrapecluster_remote_write_repeats_refused_total"), 1, 100);
    }

    /// <summary>Without a restart a 400 is for good, as in Prometheus.</summary>
    [Fact]
    public async Task Refused_WithoutAStopBefore_IsNotSplit()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, _) => Task.FromResult(400);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MaxSamplesPerSend = 10 }));
        AppendMany(bench, 1, 1);

        Assert.True(await bench.FlushAsync());
        Assert.Single(receiver.Bodies);
        Assert.Equal(10, bench.Value("prometheus_remote_storage_samples_failed_total"));
    }

    [Fact]
    public async Task Flush_DeadlineWithDataOwed_IsSentAfterTheNextStart()
    {
        await using var receiver = await Receiver.StartAsync();
        var store = new StockStore();
        receiver.Store = store.Store;
        receiver.Answer = (_, _) => Task.FromResult(503);
        await using var bench = new RemoteWriteBench();
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MinShards = 2, MaxSamplesPerSend = 10, Capacity = 20 });
        await bench.ApplyAsync(config);
        AppendMany(bench, 1, 30);
        Assert.False(await bench.FlushAsync(TimeSpan.FromMilliseconds(100)));
        Assert.Equal(0, bench.Value("prometheus_remote_storage_samples_dropped_total"));

        await bench.KillAsync();
        receiver.Answer = (_, _) => Task.FromResult(204);
        var before = bench.Value("prometheus_wal_watcher_samples_sent_pre_tailing_total");
        await bench.ApplyAsync(config);
        Assert.True(await bench.FlushAsync());
        AssertAll(store.Stored, 30);
        Assert.Equal(30, bench.Value("prometheus_wal_watcher_samples_sent_pre_tailing_total") - before);
    }

    [Fact]
    public async Task Restart_AfterEverythingWasSent_RepeatsNothing()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MinShards = 4 });
        for (var round = 0; round < 4; round++)
        {
            await bench.ApplyAsync(config);
            AppendMany(bench, (round * 10) + 1, (round * 10) + 10);
            Assert.True(await bench.FlushAsync());
            await bench.KillAsync();
        }

        await bench.ApplyAsync(config);
        Assert.True(await bench.FlushAsync());
        Assert.Equal(400, receiver.Samples.Count);
        AssertAll(receiver.Samples, 40);
    }

    /// <summary>The queue was named by its settings, so its name is another one now.</summary>
    [Fact]
    public async Task Restart_WithOtherSettings_TheQueueGoesOnWhereTheOldOneWas()
    {
        await using var receiver = await Receiver.StartAsync();
        var store = new StockStore();
        receiver.Store = store.Store;
        receiver.Answer = (_, _) => Task.FromResult(503);
        await using var bench = new RemoteWriteBench();
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MaxSamplesPerSend = 10 });
        await bench.ApplyAsync(config);
        AppendMany(bench, 1, 10);

        await bench.KillAsync();
        receiver.Answer = (_, _) => Task.FromResult(204);
        await bench.ApplyAsync(config with { RemoteTimeout = TimeSpan.FromSeconds(29), Queue = config.Queue with { MinShards = 3 } });

        Assert.True(await bench.FlushAsync());
        AssertAll(store.Stored, 10);
        Assert.Single(Directory.GetFiles(bench.PositionDirectory));
    }

    [Fact]
    public async Task Restart_WithoutTheBlock_ItsPositionGoesAndNothingIsOwed()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, _) => Task.FromResult(503);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver));
        AppendMany(bench, 1, 10);
        await bench.KillAsync();
        await bench.ApplyAsync();

        Assert.Empty(Directory.GetFiles(bench.PositionDirectory));
        Assert.Null(bench.Owed.Lowest);
    }

    [Fact]
    public async Task Reload_ChangedWhileTheReceiverIsDown_WhatIsOwedIsSentWithTheNewSettings()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = Receiver.RightOnly;
        await using var bench = new RemoteWriteBench();
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MinShards = 2, MaxSamplesPerSend = 10, Capacity = 20, MaxBackoff = TimeSpan.FromMinutes(5) });
        await bench.ApplyAsync(config);
        AppendMany(bench, 1, 20);
        await receiver.WaitAsync(() => receiver.Requests.Count > 0, () => "no request");
        await bench.ApplyAsync(config with { Headers = [Receiver.Right] });
        AppendMany(bench, 21, 30);

        Assert.True(await bench.FlushAsync());
        AssertAll(receiver.Samples, 30);
    }

    [Fact]
    public async Task Reload_ManyTimesWhileSending_NothingIsMissingOrOutOfOrder()
    {
        await using var receiver = await Receiver.StartAsync();
        var store = new StockStore();
        receiver.Store = store.Store;
        await using var bench = new RemoteWriteBench();
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MaxSamplesPerSend = 7, Capacity = 20 });
        for (var i = 0; i < 12; i++)
        {
            await bench.ApplyAsync(config with { Queue = config.Queue with { MinShards = 1 + (i % 3) }, RemoteTimeout = TimeSpan.FromSeconds(20 + i) });
            AppendMany(bench, (i * 5) + 1, (i * 5) + 5);
        }

        await receiver.WaitAsync(() => store.Count == 600, () => $"{store.Count} of 600 samples");
        Assert.True(await bench.FlushAsync());
        AssertAll(store.Stored, 60);
        Assert.Equal(0, bench.Value("prometheus_remote_storage_samples_failed_total"));
        Assert.Single(Directory.GetFiles(bench.PositionDirectory));
    }

    [Fact]
    public async Task Reload_BlockOfTheOutOfOrderSettingLosesItsName_IsWarnedOf()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench(lateQueue: "late");
        var config = RemoteWriteBench.Config(receiver) with { Name = "late" };
        await bench.ApplyAsync(config);
        Assert.Empty(bench.Log.Complaints);
        await bench.ApplyAsync(config with { Name = "other" });
        await bench.ApplyAsync();

        Assert.Equal(
            [
                "remote-write.out-of-order-queues has late, but no remote_write block has this name (they are other): name the block, or take it out of the setting",
                "remote-write.out-of-order-queues has late, but no remote_write block has this name (there are none): name the block, or take it out of the setting",
            ],
            bench.Log.Complaints);
    }

    [Fact]
    public async Task Reload_QueueRemoved_SendsWhatItOwesAndItsFileGoes()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (request, _) => Task.FromResult(request < 3 ? 503 : 204);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow));
        AppendMany(bench, 1, 10);
        await bench.ApplyAsync();
        AppendMany(bench, 11, 20);

        Assert.True(await bench.FlushAsync());
        AssertAll(receiver.Samples, 10);
        Assert.Empty(Directory.GetFiles(bench.PositionDirectory));
        Assert.Null(bench.Owed.Lowest);
    }

    [Fact]
    public async Task Reload_QueueRemovedAndItsReceiverHangs_EndsAtTheDeadlineAndCountsTheRest()
    {
        await using var receiver = await Receiver.StartAsync();
        var hang = new TaskCompletionSource<int>();
        var hasCome = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        receiver.Answer = (_, _) =>
        {
            hasCome.TrySetResult();
            return hang.Task;
        };
        await using var bench = new RemoteWriteBench(flushDeadline: TimeSpan.FromMilliseconds(100));
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick));
        AppendMany(bench, 1, 10);
        await hasCome.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await bench.ApplyAsync();

        Assert.False(await bench.FlushAsync());
        Assert.InRange(bench.Value("prometheus_remote_storage_samples_dropped_total"), 1, 100);
        Assert.Empty(Directory.GetFiles(bench.PositionDirectory));
        hang.SetResult(204);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(200)]
    public async Task Restart_PositionFileCutAnywhere_NothingIsMissing(int length)
    {
        await using var receiver = await Receiver.StartAsync();
        var store = new StockStore();
        receiver.Store = store.Store;
        await using var bench = new RemoteWriteBench();
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MinShards = 2, MaxSamplesPerSend = 10 });
        await bench.ApplyAsync(config);
        AppendMany(bench, 1, 10);
        Assert.True(await bench.FlushAsync());
        AppendMany(bench, 11, 20);
        await bench.KillAsync();
        using (var file = File.Open(Assert.Single(Directory.GetFiles(bench.PositionDirectory)), FileMode.Open))
        {
            file.SetLength(length);
        }

        await bench.ApplyAsync(config);
        Assert.True(await bench.FlushAsync());
        AssertAll(store.Stored, 20);
        Assert.Equal(0, bench.Value("prometheus_remote_storage_samples_failed_total"));
    }

    [Fact]
    public async Task Restart_OwedSegmentsWereRemoved_AreCountedAndTheRestIsSent()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = Receiver.RightOnly;
        await using var bench = new RemoteWriteBench();
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick) with { Name = "q" };
        await bench.ApplyAsync(config);
        AppendMany(bench, 1, 5);
        Assert.Null(bench.Wal.StartNextSegment());
        AppendMany(bench, 6, 10);
        Assert.Null(bench.Wal.StartNextSegment());
        AppendMany(bench, 11, 20);
        await bench.KillAsync();
        Checkpoint.Write(bench.WalDirectory, 1, _ => true, long.MaxValue);
        await bench.ApplyAsync(config with { Headers = [Receiver.Right] });

        Assert.True(await bench.FlushAsync());
        Assert.Equal(Enumerable.Range(11, 10).Select(i => (long)i), receiver.Samples.Select(sample => sample.TimestampMs).Distinct());
        Assert.Equal(2, bench.Value("scrapecluster_remote_write_lost_segments_total"));
    }

    /// <summary>The series of the removed part are in the checkpoint, and the queue may be far behind when it comes there.</summary>
    [Fact]
    public async Task Follow_SegmentsRemovedAhead_TheSeriesOfThemAreKnown()
    {
        await using var receiver = await Receiver.StartAsync();
        var isDown = true;
        receiver.Answer = (_, _) => Task.FromResult(Volatile.Read(ref isDown) ? 503 : 204);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MaxSamplesPerSend = 1, Capacity = 1 }));
        bench.Append(1, (1ul, 1.0));
        await receiver.WaitAsync(() => !receiver.Requests.IsEmpty, () => "no request");
        for (var i = 2; i <= 5; i++)
        {
            bench.Append(i, (1ul, (double)i));
        }

        Assert.Null(bench.Wal.StartNextSegment());
        bench.Append(6, (2ul, 6.0));
        Assert.Null(bench.Wal.StartNextSegment());
        Checkpoint.Write(bench.WalDirectory, 1, _ => true, long.MaxValue);
        for (var i = 7; i <= 12; i++)
        {
            bench.Append(i, (2ul, (double)i));
        }

        Volatile.Write(ref isDown, false);
        Assert.True(await bench.FlushAsync());
        Assert.Equal([1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12], receiver.Samples.Select(sample => sample.TimestampMs));
        Assert.Equal(1, bench.Value("scrapecluster_remote_write_lost_segments_total"));
        Assert.True(bench.Value("prometheus_remote_storage_enqueue_retries_total") > 0);
    }

    [Fact]
    public async Task Failure_OfAQueueByABug_ItIsMadeAnewWhereItWas()
    {
        await using var receiver = await Receiver.StartAsync();
        var store = new StockStore();
        receiver.Store = store.Store;
        var isDown = true;
        receiver.Answer = (_, _) => Task.FromResult(Volatile.Read(ref isDown) ? 503 : 204);
        await using var bench = new RemoteWriteBench { Metadata = new Bug() };
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MaxSamplesPerSend = 10 });
        await bench.ApplyAsync(config with { Metadata = new MetadataConfig { SendInterval = TimeSpan.FromMilliseconds(20) } });
        AppendMany(bench, 1, 10);
        await ((Bug)bench.Metadata).Met.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        AppendMany(bench, 11, 20);
        Volatile.Write(ref isDown, false);

        await receiver.WaitAsync(() => store.Count == 200, () => $"{store.Count} of 200 samples");
        Assert.True(await bench.FlushAsync());
        AssertAll(store.Stored, 20);
    }

    [Fact]
    public async Task SampleAgeLimit_HoldsAtTheQueueAndBeforeEachTry()
    {
        await using var receiver = await Receiver.StartAsync();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        receiver.Answer = async (request, context) =>
        {
            if (request == 0)
            {
                // The sample is too old before the next try.
                context.Response.Headers.RetryAfter = "2";
                await Task.Yield();
                return 503;
            }

            return 204;
        };
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { SampleAgeLimit = TimeSpan.FromHours(1) }));
        bench.Append(now - 3_600_000 - 60_000, (1ul, 1.0));
        bench.Append(now - 3_600_000 + 1_500, (1ul, 2.0));
        bench.Append(now, (1ul, 3.0));

        await receiver.ExpectAsync(1);
        Assert.True(await bench.FlushAsync());
        Assert.Equal(now, Assert.Single(receiver.Samples).TimestampMs);
        Assert.Equal(2, bench.Value("prometheus_remote_storage_samples_dropped_total"));
    }

    [Fact]
    public async Task Owed_WhileTheReceiverIsDown_IsTheFirstUnsentRecordAndMovesOnAfter()
    {
        await using var receiver = await Receiver.StartAsync();
        var isDown = false;
        receiver.Answer = (_, _) => Task.FromResult(Volatile.Read(ref isDown) ? 503 : 204);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MinShards = 2 }));
        AppendMany(bench, 1, 1);
        await receiver.ExpectAsync(10);
        Volatile.Write(ref isDown, true);
        var before = bench.Wal.Published.Position;
        AppendMany(bench, 2, 3);
        await receiver.WaitAsync(() => receiver.Requests.Count > 5, () => $"{receiver.Requests.Count} requests");
        Assert.True(bench.Owed.Lowest!.Value.CompareTo(before) <= 0);

        Volatile.Write(ref isDown, false);
        Assert.True(await bench.FlushAsync());
        Assert.Equal(bench.Wal.Published.Position, bench.Owed.Lowest);
    }

    /// <summary>Metadata that cannot be read once.</summary>
    private sealed class Bug : IReadOnlyList<MetadataEntry>
    {
        public TaskCompletionSource Met { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Count => 0;

        public MetadataEntry this[int index] => throw new InvalidOperationException();

        public IEnumerator<MetadataEntry> GetEnumerator() => Met.TrySetResult() ? throw new InvalidOperationException("a bug") : Enumerable.Empty<MetadataEntry>().GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private static void AppendMany(RemoteWriteBench bench, int first, int last)
    {
        for (var i = first; i <= last; i++)
        {
            bench.Append(i, [.. Enumerable.Range(1, 10).Select(series => ((ulong)series, i + (series / 100.0)))]);
        }
    }

    /// <summary>Of each of the ten series every sample once, in order.</summary>
    private static void AssertAll(IEnumerable<ReceivedSample> samples, int last)
    {
        var bySeries = samples.GroupBy(sample => sample.Series).ToList();
        Assert.Equal(10, bySeries.Count);
        foreach (var series in bySeries)
        {
            Assert.Equal(Enumerable.Range(1, last).Select(i => (long)i), series.Select(sample => sample.TimestampMs));
        }
    }
}
