using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>A queue that owes what cannot be read any more.</summary>
public sealed class DamagedLogTests
{
    private const int Scrapes = 600;
    private const string Unreadable = "prometheus_wal_watcher_record_decode_failures_total";

    /// <summary>The page with the damage is lost from there on; everything around it is sent, and the loss is told and counted.</summary>
    [Fact]
    public async Task Restart_AByteOfTheLogIsAnotherOne_TheRestIsSent()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = Receiver.RightOnly;
        await using var bench = new RemoteWriteBench();
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick) with { Name = "q" };
        await bench.ApplyAsync(config);
        for (var i = 1; i <= Scrapes; i++)
        {
            bench.Append(i, [.. Enumerable.Range(1, 10).Select(series => ((ulong)series, i + (series / 100.0)))]);
        }

        // A thread of the first life must not come upon the damage.
        await receiver.WaitAsync(() => bench.Count("samples_pending") == 10 * Scrapes, () => $"{bench.Count("samples_pending")} samples are read");
        await bench.KillAsync();
        var segment = WalFormat.SegmentPath(bench.WalDirectory, 0);
        var log = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        Assert.InRange(log.Length, WalFormat.PageSize + 1, int.MaxValue);
        log[WalFormat.PageSize / 2] ^= 1;
        await File.WriteAllBytesAsync(segment, log, TestContext.Current.CancellationToken);
        var before = bench.Value(Unreadable);
        await bench.ApplyAsync(config with { Headers = [Receiver.Right] });

        Assert.True(await bench.FlushAsync());
        Assert.Equal(1, bench.Value(Unreadable) - before);
        Assert.Contains(bench.Log.Complaints, line => line.Contains("cannot be read and are not sent", StringComparison.Ordinal));
        var times = receiver.Samples.Select(sample => sample.TimestampMs).Distinct().ToList();
        Assert.InRange(times.Count, 1, Scrapes - 1);
        Assert.Equal((1, Scrapes), (times[0], times[^1]));
        Assert.Equal(10 * times.Count, receiver.Samples.Count);
    }
}
