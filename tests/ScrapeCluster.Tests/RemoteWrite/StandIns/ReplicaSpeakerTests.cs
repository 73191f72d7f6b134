using System.Diagnostics;
using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite.StandIns;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.RemoteWrite.StandIns;

/// <summary>Real queues over a real log in which a node has slot 0 of one target and slot 1 of another; what the other nodes say is scripted.</summary>
public sealed class ReplicaSpeakerTests
{
    private const long Interval = 10_000;

    private static readonly StandInTerms Terms = new(GoneAfterMs: 600_000) { SettleMs = 0, LastWordsMs = 0, FailureWaitMs = 600_000 };
    private static readonly Labels Target = Labels.Of(("instance", "one:80"), ("job", "j"));
    private static readonly ulong Key = TargetKey.Of(Target, "__replica__");

    private readonly long _now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Fact]
    public async Task All_EverySlotIsSent_WithItsLabel()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick));
        Append(bench, slot: 0, _now, up: 1);
        Append(bench, slot: 1, _now + 1, up: 1);

        Assert.True(await bench.FlushAsync());
        Assert.Equal(4, receiver.Samples.Count);
        Assert.All(receiver.Samples, sample => Assert.Contains("__replica__=replica-", sample.Series, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Primary_IsSentAtOnce_WithoutTheLabel()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench(standIns: Terms);
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick));
        Append(bench, slot: 0, _now, up: 1);

        await receiver.ExpectAsync(2);
        Assert.Equal(["__name__=m,instance=one:80,job=j,n=0", "__name__=up,instance=one:80,job=j"], receiver.Samples.Select(sample => sample.Series).Order(StringComparer.Ordinal));
    }

    /// <summary>The primary's scrapes were good, failed, and missed. Only what stands in is sent, also of a scrape that fills several records.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(25_000)]
    public async Task StandIn_IsSentWhereThePrimaryFailed(int series)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench(standIns: Terms);
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick) with { Name = "q" });
        var due = Enumerable.Range(0, 4).Select(k => _now - (6 * Interval) + (k * Interval)).ToArray();
        foreach (var at in due)
        {
            Append(bench, slot: 1, at, up: 1, series);
        }

        // In order: only once the receiver has the primary's before.
        Tell(bench, 1, (due[0] + 5, true), (due[1] + 5, false), (due[3] + 5, true));
        bench.Replicas!.Heard("a", 1, 2, [], [KeyValuePair.Create("q", 1L)]);
        await receiver.ExpectAsync(2 * (series + 1));

        Assert.Equal([due[1], due[2]], receiver.Samples.Select(sample => sample.TimestampMs).Distinct().Order());
        Assert.All(receiver.Samples, sample => Assert.DoesNotContain("__replica__", sample.Series, StringComparison.Ordinal));
        Assert.Equal(2 * (series + 1), bench.Value("scrapecluster_remote_write_stood_in_samples_total"));
        Assert.True(await bench.FlushAsync());
        Assert.Equal(2 * (series + 1), receiver.Samples.Count);
    }

    /// <summary>What the primary scraped and had not sent when its node died is sent by the stand-in; what the receiver has of it is not.</summary>
    [Fact]
    public async Task PrimaryDies_WhatItsReceiverDoesNotHave_IsSent()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench(standIns: Terms);
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick) with { Name = "q" });
        var due = Enumerable.Range(0, 3).Select(k => _now - (6 * Interval) + (k * Interval)).ToArray();
        foreach (var at in due)
        {
            Append(bench, slot: 1, at, up: 1);
        }

        Tell(bench, 1, (due[0] + 5, true));

        // A little late, so that it is no run: of one, the last message counts for all.
        Tell(bench, 2, (due[1] + 50, true));
        Tell(bench, 3, (due[2] + 5, true));
        bench.Replicas!.Heard("a", 1, 4, [], [KeyValuePair.Create("q", 1L)]);
        bench.Replicas.Gone("a");

        await receiver.ExpectAsync(4);
        Assert.True(await bench.FlushAsync());
        Assert.Equal([due[1], due[2]], receiver.Samples.Select(sample => sample.TimestampMs).Distinct().Order());
    }

    /// <summary>A scrape that failed here is sent when the other slot's failed too, and not when that was good.</summary>
    [Fact]
    public async Task PrimaryFails_ItsMarkersAreHeldBack_WhileTheStandInSees()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench(standIns: Terms);
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick));
        var due = Enumerable.Range(0, 4).Select(k => _now - (6 * Interval) + (k * Interval)).ToArray();
        Tell(bench, 1, slot: 1, (due[0] - 5, true), (due[1] - 5, true), (due[2] - 5, true), (due[3] - 5, false));
        Append(bench, slot: 0, due[0], up: 1);
        Append(bench, slot: 0, due[1], up: 0);
        Append(bench, slot: 0, due[2], up: 1);
        Append(bench, slot: 0, due[3], up: 0);

        await receiver.ExpectAsync(6);
        Assert.True(await bench.FlushAsync());
        Assert.Equal([due[0], due[2], due[3]], receiver.Samples.Select(sample => sample.TimestampMs).Distinct().Order());
    }

    /// <summary>The receiver says what its node takes for its own: both ends number their messages.</summary>
    [Fact]
    public async Task Take_TellsWhatEnded_AndWhatTheReceiverHas()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench(standIns: Terms);
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick) with { Name = "q" });
        Append(bench, slot: 0, _now, up: 1);
        bench.Replicas!.Ended(new ScrapeEnd("j", 0, 9, Key, _now, Interval, true));
        var first = bench.Replicas.Take();
        Assert.Equal(Key, Assert.Single(first.Scrapes).Key);

        var watch = Stopwatch.StartNew();
        while (bench.Replicas.Take().Answered is not [{ Key: "q", Value: var number }] || number < first.Number)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "the message was never answered for");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static void Tell(RemoteWriteBench bench, long number, params (long Due, bool IsGood)[] scrapes) => Tell(bench, number, slot: 0, scrapes);

    private static void Tell(RemoteWriteBench bench, long number, int slot, params (long Due, bool IsGood)[] scrapes) =>
        bench.Replicas!.Heard("a", 1, number, [.. scrapes.Select(scrape => new ToldScrape(Key, slot, scrape.Due, Interval, scrape.IsGood))], []);

    /// <summary>A scrape as the storage writes it: its series, then what it says of itself.</summary>
    private static void Append(RemoteWriteBench bench, int slot, long timestampMs, double up, int series = 1)
    {
        var batch = new WalBatch();
        var first = (ulong)(1 + (slot * 1_000_000));
        ulong[] refs = [.. Enumerable.Range(0, series + 1).Select(i => first + (ulong)i)];
        double[] values = [.. refs.Select(seriesRef => up == 0 ? SpecialValues.StaleNaN : seriesRef)];
        values[^1] = up;
        for (var i = 0; i <= series; i++)
        {
            var name = i == series ? ("__name__", "up") : ("__name__", "m");
            var number = ("n", i == series ? "" : $"{i}");
            batch.AddSeries(refs[i], Labels.Of(name, number, ("instance", "one:80"), ("job", "j"), ("__replica__", $"replica-{slot}")));
        }

        batch.AddSamples(refs, values, timestampMs);
        Assert.Null(bench.Wal.Append(batch));
    }
}
