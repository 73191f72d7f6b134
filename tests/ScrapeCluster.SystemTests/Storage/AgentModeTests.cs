using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Storage;

/// <summary>A node as an agent, and its directory in turn with a stock Prometheus as one.</summary>
public sealed class AgentModeTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Agent_ScrapesAndSends_AnswersNoQueryAndSurvivesAKill()
    {
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        await using var receiver = new RecordingReceiver();
        var config = Config(folder, exporter, receiver);
        var data = folder.Sub("data-agent");

        await using (var node = NodeProcess.Start(config, data, null, "--agent"))
        {
            await node.ReadyAsync(Deadline);
            await AwaitSamplesAsync(receiver, 20, node);
            foreach (var path in (string[])["series?match[]=up", "query?query=up"])
            {
                using var answer = await node.GetAsync($"/api/v1/{path}");
                Assert.Equal(422, (int)answer.StatusCode);
            }

            Assert.True(await node.MetricAsync("prometheus_agent_active_series") > 0);
            await node.KillAsync();
        }

        await using (var node = NodeProcess.Start(config, data, null, "--agent"))
        {
            await node.ReadyAsync(Deadline);
            await AwaitSamplesAsync(receiver, 40, node);
            Assert.InRange((await node.MetricAsync("prometheus_agent_corruptions_total"))!.Value, 0, 1);
            Assert.Equal(0, await node.StopAsync());
        }

        Assert.False(Directory.Exists(Path.Combine(data, "chunks_head")));
    }

    [Fact]
    public async Task DirectoryOfAnAgent_GoesFromNodeToStockAndBack()
    {
        Tools.Require("prometheus");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        await using var receiver = new RecordingReceiver();
        var config = Config(folder, exporter, receiver);
        var data = folder.Sub("data-agent");

        await using (var node = NodeProcess.Start(config, data, null, "--agent"))
        {
            await node.ReadyAsync(Deadline);
            await AwaitSamplesAsync(receiver, 20, node);
            Assert.Equal(0, await node.StopAsync());
        }

        await using (var stock = StockPrometheus.StartAgent(config, data))
        {
            await stock.ReadyAsync(Deadline);
            Assert.Equal(0, await stock.MetricAsync("prometheus_agent_corruptions_total"));
            Assert.True(await stock.MetricAsync("prometheus_agent_active_series") > 0, "stock Prometheus found no series");
            await AwaitSamplesAsync(receiver, receiver.On("/write").Count + 20, stock);
            Assert.DoesNotContain("level=error", stock.Output, StringComparison.Ordinal);
            await stock.KillAsync();
        }

        await using var again = NodeProcess.Start(config, data, null, "--agent");
        await again.ReadyAsync(Deadline);
        Assert.True(await again.MetricAsync("prometheus_agent_active_series") > 0);
        await AwaitSamplesAsync(receiver, receiver.On("/write").Count + 20, again);
    }

    [Theory]
    [InlineData("--storage.tsdb.retention.time=3d", "cannot be used in agent mode")]
    [InlineData("--no-agent", "both set")]
    public async Task Agent_WithWhatIsNotForIt_DoesNotStart(string flag, string reason)
    {
        using var folder = new TestFolder();
        await using var node = NodeProcess.StartBare(Ports.Free(), folder.Path, "--enable-feature=agent", flag);
        await node.WaitForExitAsync(Deadline);
        Assert.Equal(2, node.ExitCode);
        Assert.Contains(reason, node.Output, StringComparison.Ordinal);
    }

    private static Task AwaitSamplesAsync(RecordingReceiver receiver, int count, HttpPeer peer) =>
        Wait.Until($"{count} samples at the receiver", Deadline, () => receiver.On("/write").Count >= count, () => peer.Output);

    private static string Config(TestFolder folder, ScriptedExporter exporter, RecordingReceiver receiver)
    {
        exporter.OnPath("/metrics", n => $"page_number {n}\n");
        return folder.File("prometheus.yml", $$"""
            global: {scrape_interval: 200ms, scrape_timeout: 200ms}
            scrape_configs:
            - job_name: shared
              static_configs: [targets: ['{{exporter.Address}}']]
            remote_write:
            - url: {{receiver.Url("/write")}}
              queue_config: {batch_send_deadline: 200ms}
            """);
    }
}
