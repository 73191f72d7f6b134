using ScrapeCluster.Configuration;

namespace ScrapeCluster.Tests.RemoteWrite.Gating;

/// <summary>Real queues behind the gate of a cluster's node.</summary>
public sealed class GatedQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Push_SendsWhatWaitsForMore_AndEndsWithTheAnswer()
    {
        await using var receiver = await Receiver.StartAsync();
        var mayAnswer = new TaskCompletionSource();
        receiver.Answer = async (_, _) =>
        {
            await mayAnswer.Task;
            return 204;
        };
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow with { MinShards = 3 }));
        bench.Append(1000, (1UL, 1.0), (2UL, 2.0), (3UL, 3.0));

        var (_, sent) = Assert.Single(bench.Gate.Push(Patience));
        Assert.False(sent.IsCompleted);
        mayAnswer.SetResult();

        Assert.True(await sent);
        Assert.Equal(3, receiver.Samples.Count);
    }

    [Fact]
    public async Task Push_OfNothing_EndsAtOnce()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow));

        Assert.True(await Assert.Single(bench.Gate.Push(Patience)).Sent);
    }

    /// <summary>As a new owner's: what it scrapes from the instant on waits for the owner before, queue by queue.</summary>
    [Fact]
    public async Task Hold_QueueByQueue()
    {
        await using var one = await Receiver.StartAsync();
        await using var other = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(
            RemoteWriteBench.Config(one, RemoteWriteBench.Quick) with { Name = "one" }, RemoteWriteBench.Config(other, RemoteWriteBench.Quick) with { Name = "other" });
        bench.Append(1000, (1UL, 1.0));
        var hold = bench.Gate.Hold(Patience);
        bench.Append(2000, (1UL, 2.0));
        bench.Gate.Release(hold, "one");
        await one.ExpectAsync(2);
        await other.ExpectAsync(1);
        Assert.Single(other.Samples);

        bench.Gate.Release(hold);
        await other.ExpectAsync(2);
        Assert.Equal(bench.Appended, other.Samples);
    }

    [Fact]
    public async Task Hold_DoesNotKeepAQueueFromEnding()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick));
        bench.Gate.Hold(TimeSpan.FromDays(1));
        bench.Append(1000, (1UL, 1.0));

        Assert.True(await bench.FlushAsync());
        Assert.Equal(bench.Appended, receiver.Samples);
    }

    /// <summary>A node that comes back after others took over: late samples go only where they are taken, and what is new goes everywhere.</summary>
    [Fact]
    public async Task TakenOver_OwedFromBefore_OnlyLateReceiversGetIt_WithoutWhatWasScrapedBesideTheAdopter()
    {
        await using var strict = await Receiver.StartAsync();
        await using var late = await Receiver.StartAsync();
        strict.Answer = late.Answer = Receiver.RightOnly;
        await using var bench = new RemoteWriteBench(startsSuspended: true, lateQueue: "late");
        RemoteWriteConfig[] configs =
        [
            RemoteWriteBench.Config(strict, RemoteWriteBench.Quick) with { Name = "strict" }, RemoteWriteBench.Config(late, RemoteWriteBench.Quick) with { Name = "late" },
        ];
        bench.Gate.Resume(null);
        await bench.ApplyAsync(configs);
        AppendSeconds(bench, 1, 9);
        await strict.WaitAsync(() => strict.Requests.Count > 0 && late.Requests.Count > 0, static () => "no request came");

        await bench.KillAsync();
        await bench.ApplyAsync([.. configs.Select(static config => config with { Headers = [Receiver.Right] })]);
        bench.Gate.Resume(DateTimeOffset.UnixEpoch.AddSeconds(7));
        AppendSeconds(bench, 10, 12);
        Assert.True(await bench.FlushAsync());

        Assert.Equal([10, 11, 12], SecondsOf(strict));
        Assert.Equal([1, 2, 3, 4, 5, 6, 10, 11, 12], SecondsOf(late));
        Assert.Equal(2 * (9 + 3), bench.Value("prometheus_remote_storage_samples_dropped_total"));
    }

    /// <summary>A node that was cut off: what it holds in memory and has on its way is not sent any more, either.</summary>
    [Fact]
    public async Task TakenOver_WhileItIsBeingTried_IsNotTriedAgain()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Store = static samples => samples.Any(static sample => sample.TimestampMs <= 30_000) ? 503 : 204;
        await using var bench = new RemoteWriteBench();
        var queue = RemoteWriteBench.Quick with { MaxSamplesPerSend = 4, Capacity = 8 };
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, queue) with { Name = "strict" });
        AppendSeconds(bench, 1, 30);
        await receiver.WaitAsync(() => receiver.Requests.Count > 2, static () => "no request came");

        bench.Gate.Suspend();
        bench.Gate.Resume(DateTimeOffset.UnixEpoch.AddSeconds(20));
        AppendSeconds(bench, 31, 33);
        Assert.True(await bench.FlushAsync());

        Assert.Equal([31, 32, 33], SecondsOf(receiver));
        Assert.Equal(60, bench.Value("prometheus_remote_storage_samples_dropped_total"));
    }

    [Fact]
    public async Task Suspended_Stop_LeavesItOwed_AndItIsSentWhenItIsClear()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench(startsSuspended: true);
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick);
        await bench.ApplyAsync(config);
        AppendSeconds(bench, 1, 3);
        Assert.False(await bench.FlushAsync());
        Assert.Empty(receiver.Samples);

        await bench.KillAsync();
        await bench.ApplyAsync(config);
        bench.Gate.Resume(null);
        Assert.True(await bench.FlushAsync());
        Assert.Equal(bench.Appended, receiver.Samples);
    }

    private static IEnumerable<long> SecondsOf(Receiver receiver) => receiver.Samples.Select(sample => sample.TimestampMs / 1000).Distinct().Order();

    /// <summary>Two series, a sample a second.</summary>
    private static void AppendSeconds(RemoteWriteBench bench, int first, int last)
    {
        for (var second = first; second <= last; second++)
        {
            bench.Append(second * 1000L, (1UL, (double)second), (2UL, (double)second));
        }
    }
}
