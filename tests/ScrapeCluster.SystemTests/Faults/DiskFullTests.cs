using System.Globalization;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Faults;

/// <summary>
/// The disk fills up under the WAL while samples are owed to a receiver that is down: scrapes fail visibly, the node lives, sends what it owes when the
/// receiver is back though there is no room, scrapes on when there is, and after kill -9 everything acknowledged is still there and everything stored arrives.
/// </summary>
public sealed class DiskFullTests
{
    private const int Fillers = 200;
    private const int SamplesOfARequest = 100;
    private const string WritePath = "/write";
    private const string TargetsPath = "/api/v1/targets?state=active";

    [Fact]
    public async Task FullThenFreed_NodeLivesRecoversAndLosesNothing()
    {
        Tools.Require("promtool", "mount", "umount");
        using var folder = new TestFolder();
        var disk = folder.Sub("disk");
        Directory.CreateDirectory(disk);
        var (mounted, _, reason) = await Tools.RunAsync("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk);
        if (mounted != 0)
        {
            Assert.Skip($"a tmpfs cannot be mounted here (needs root): {reason}");
        }

        try
        {
            await RunAsync(folder, disk);
        }
        finally
        {
            await Tools.RunAsync("umount", "-l", disk);
        }
    }

    private static async Task RunAsync(TestFolder folder, string disk)
    {
        await using var exporter = new ScriptedExporter();
        await using var receiver = new RecordingReceiver();
        exporter.OnPath("/metrics", n => StoredScrapes.PageOf(n, Fillers));
        var config = folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 500ms, scrape_timeout: 500ms}
            remote_write:
            - url: {{receiver.Url(WritePath)}}
              queue_config: {max_shards: 1, capacity: 400, max_samples_per_send: {{SamplesOfARequest}}, batch_send_deadline: 300ms, max_backoff: 500ms}
            scrape_configs:
            - job_name: filling
              static_configs: [targets: ['{{exporter.Address}}']]
            """);
        var data = Path.Combine(disk, "data");
        var ballast = Path.Combine(disk, "ballast");
        await using (var node = NodeProcess.Start(config, data))
        {
            await node.ReadyAsync();
            await Wait.Until("the target to be up", TimeSpan.FromSeconds(60), () => HasHealthAsync(node, "up"));

            // More than a queue holds in memory is owed when the disk is full.
            await Wait.Until("samples to arrive", TimeSpan.FromSeconds(60), () => receiver.CountOn(WritePath) > Fillers, () => node.Output);
            await receiver.GoDownAsync();
            var owedFrom = exporter.ServedOn("/metrics").Count;
            await Wait.Until("pages before the disk is full", TimeSpan.FromSeconds(60), () => exporter.ServedOn("/metrics").Count > owedFrom + 10);
            var arrivedBefore = receiver.CountOn(WritePath);
            var servedBefore = exporter.ServedOn("/metrics").Count;

            // 1. Fill the disk to the last byte: scrapes fail, with a reason that tells why.
            FullDisk.Fill(ballast);
            await Wait.Until("scrapes to fail on the full disk", TimeSpan.FromSeconds(60), async () =>
                await HasHealthAsync(node, "down")
                && (await node.DataAsync(TargetsPath)).GetProperty("activeTargets")[0].GetProperty("lastError").GetString()!.Contains("No space left on device", StringComparison.OrdinalIgnoreCase),
                () => node.Output);
            Assert.False(node.HasExited);
            receiver.ComeUp();
            await Wait.Until("what is owed to arrive while the disk is full", TimeSpan.FromSeconds(60), () => receiver.CountOn(WritePath) > arrivedBefore + (8 * Fillers), () => node.Output);

            // 2. Make room: scrapes succeed again.
            File.Delete(ballast);
            await Wait.Until("scrapes to recover", TimeSpan.FromSeconds(60), () => HasHealthAsync(node, "up"), () => node.Output);
            var recoveredAt = exporter.ServedOn("/metrics").Count;
            await Wait.Until("more pages after recovery", TimeSpan.FromSeconds(60), () => exporter.ServedOn("/metrics").Count > recoveredAt + 10);

            // 3. kill -9: what was acknowledged before and after is on disk; the last page of either time may have been on its way.
            await node.KillAsync();
            var stored = StoredScrapes.Of(await Tools.DumpAsync(data), "job=\"filling\"");
            var acknowledged = exporter.AcknowledgedOn("/metrics");
            Assert.InRange(stored.AssertHasAll([.. acknowledged.Where(page => page.Number < servedBefore - 1)], Fillers), 1, servedBefore);
            Assert.InRange(stored.AssertHasAll([.. acknowledged.Where(page => page.Number > recoveredAt)], Fillers), 1, acknowledged.Count);
        }

        await using var again = NodeProcess.Start(config, data);
        await again.ReadyAsync();
        Assert.Equal(0, await again.MetricAsync("prometheus_tsdb_wal_corruptions_total"));
        await Wait.Until("scraping to go on after the restart", TimeSpan.FromSeconds(60), () => HasHealthAsync(again, "up"));

        // 4. What was ever stored arrives; the request that the kill caught may come again.
        Assert.Equal(0, await again.StopAsync());
        var arrived = receiver.On(WritePath).Select(sample => $"{sample.Series} {sample.Value.ToString("R", CultureInfo.InvariantCulture)} {sample.TimestampMs}").ToList();
        var once = arrived.Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Equal(Tools.Plain(await Tools.DumpAsync(data)).Order(StringComparer.Ordinal), once);
        Assert.InRange(arrived.Count - once.Count, 0, SamplesOfARequest);
    }

    private static async Task<bool> HasHealthAsync(NodeProcess node, string health)
    {
        var targets = (await node.DataAsync(TargetsPath)).GetProperty("activeTargets");
        return targets.GetArrayLength() == 1 && targets[0].GetProperty("health").GetString() == health;
    }
}
