using System.Net;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>While the log is read the node is alive and not ready, and says how far it is.</summary>
public sealed class ReplayReadinessTests
{
    private const int Series = 5000;
    private const int Scrapes = 2000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    [Fact]
    public Task LongReplay_IsHealthyNotReady_AndShowsProgress() => Machine.JudgeAsync(ReplayAsync);

    /// <summary>Who stands still while it replays sees nothing of it.</summary>
    private static async Task ReplayAsync()
    {
        using var folder = new TestFolder();
        var data = folder.Sub("data");
        WriteLog(Path.Combine(data, "wal"));
        await using var node = NodeProcess.Start(folder.File("prometheus.yml", ""), data);
        await Wait.Until("the listener", Deadline, async () =>
        {
            using var answer = await node.GetAsync("/-/healthy");
            return answer.StatusCode == HttpStatusCode.OK;
        }, () => node.Output);

        var seen = new List<(int Min, int Max, int Current)>();
        await Wait.Until("the node to be ready", Deadline, async () =>
        {
            using var ready = await node.GetAsync("/-/ready");
            if (ready.StatusCode == HttpStatusCode.OK)
            {
                return true;
            }

            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            seen.Add(await ProgressAsync(node));
            Assert.NotNull(await node.MetricAsync("prometheus_tsdb_head_series"));
            return false;
        }, () => node.Output);

        Assert.NotEmpty(seen);
        Assert.All(seen, progress => Assert.InRange(progress.Current, progress.Min, progress.Max));
        Assert.Equal(seen.Select(progress => progress.Current).Order(), seen.Select(progress => progress.Current));
        var (_, max, current) = await ProgressAsync(node);
        Assert.True(max > 3, $"only {max} segments");
        Assert.Equal(max, current);
        Assert.Equal(Series, await node.MetricAsync("prometheus_tsdb_head_series"));
    }

    private static async Task<(int Min, int Max, int Current)> ProgressAsync(NodeProcess node)
    {
        var progress = await node.DataAsync("/api/v1/status/walreplay");
        return (progress.GetProperty("min").GetInt32(), progress.GetProperty("max").GetInt32(), progress.GetProperty("current").GetInt32());
    }

    private static void WriteLog(string wal)
    {
        var refs = Enumerable.Range(1, Series).Select(i => (ulong)i).ToArray();
        var values = new double[Series];
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (Scrapes * 1000);
        using var writer = WalWriter.Open(wal, new WalOptions(SegmentSize: 64 * WalFormat.PageSize));
        var batch = new WalBatch();
        foreach (var seriesRef in refs)
        {
            batch.AddSeries(seriesRef, Labels.Of(("__name__", "replayed"), ("n", $"{seriesRef}")));
        }

        for (var scrape = 0; scrape < Scrapes; scrape++)
        {
            Array.Fill(values, scrape);
            batch.AddSamples(refs, values, start + (scrape * 1000));
            Assert.Null(writer.Append(batch));
            batch.Clear();
        }
    }
}
