using System.Net;
using System.Net.Sockets;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Faults;

/// <summary>A stop in order is no fault of anybody's: no target is marked down by it, and it does not wait for slow ones.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task Terminate_WithAScrapeInFlight_StoresNoFailedScrape()
    {
        Tools.Require("promtool");
        var outputs = new List<string>();
        await Machine.JudgeAsync(() => TerminateInFlightAsync(outputs));

        // No clock has a part in it: of none of the attempts.
        Assert.NotEmpty(outputs);
        Assert.All(outputs, output => Assert.DoesNotContain("dead letter", output, StringComparison.Ordinal));
    }

    private static async Task TerminateInFlightAsync(List<string> outputs)
    {
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/fast", n => $"page_number {n}\n");
        var hang = false;
        exporter.OnPath("/slow", n => new Page("a 1\n") { Delay = Volatile.Read(ref hang) ? TimeSpan.FromSeconds(30) : TimeSpan.Zero });
        var config = folder.File("prometheus.yml", $$"""
            scrape_configs:
            - job_name: fast
              scrape_interval: 2s
              scrape_timeout: 2s
              metrics_path: /fast
              static_configs: [targets: ['{{exporter.Address}}']]
            - job_name: slow
              scrape_interval: 5s
              scrape_timeout: 5s
              metrics_path: /slow
              static_configs: [targets: ['{{exporter.Address}}']]
            """);
        await using var node = NodeProcess.Start(config, folder.Sub("data"));
        await node.ReadyAsync();
        await Wait.Until("fast scrapes", TimeSpan.FromSeconds(60), () => exporter.ServedOn("/fast").Count > 3);
        Volatile.Write(ref hang, true);
        var slow = exporter.ServedOn("/slow").Count;
        await Wait.Until("a slow scrape in flight", TimeSpan.FromSeconds(60), () => exporter.ServedOn("/slow").Count > slow);
        var inFlightMs = exporter.ServedOn("/slow")[slow].RequestedAtMs;

        var exitCode = await node.StopAsync();
        outputs.Add(node.Output);
        Assert.Equal(0, exitCode);

        // Before the stop a scrape may have run out of its time on a machine under load.
        var dump = await Tools.DumpAsync(folder.Sub("data"));
        var atTheStop = dump.Where(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..]) >= inFlightMs - 1000).ToList();
        Assert.Contains(dump, line => line.StartsWith("{__name__=\"up\"", StringComparison.Ordinal) && line.Contains("} 1 ", StringComparison.Ordinal));
        Assert.DoesNotContain(atTheStop, line => line.StartsWith("{__name__=\"up\"", StringComparison.Ordinal) && line.Contains("} 0 ", StringComparison.Ordinal));
        Assert.DoesNotContain(atTheStop, line => line.Contains("} NaN ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Terminate_WithARequestThatNeverEnds_DoesNotWaitForIt()
    {
        using var folder = new TestFolder();
        var port = Ports.Free();
        await using var node = NodeProcess.Start(folder.File("prometheus.yml", ""), folder.Sub("data"), port);
        await node.ReadyAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("POST /api/v1/series HTTP/1.1\r\nHost: node\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nmatch[]="u8.ToArray(), TestContext.Current.CancellationToken);
        await node.DataAsync("/api/v1/status/runtimeinfo"); // an answer on another connection: the node has read the one above, or is about to

        Assert.Equal(0, await node.StopAsync(TimeSpan.FromSeconds(20)));
        Assert.DoesNotContain("exception", node.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task TerminateTwice_DoesNotWaitForWhatCannotBeSent_AndKeepsWhatIsStored()
    {
        Tools.Require("promtool");
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        exporter.OnPath("/metrics", n => $"page_number {n}\n");
        using var receiver = new TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        var config = folder.File("prometheus.yml", $$"""
            scrape_configs:
            - job_name: a
              scrape_interval: 1s
              scrape_timeout: 1s
              static_configs: [targets: ['{{exporter.Address}}']]
            remote_write: [{url: 'http://{{receiver.LocalEndpoint}}/', remote_timeout: 10m}]
            """);
        await using var node = NodeProcess.Start(config, folder.Sub("data"));
        await node.ReadyAsync();
        await Wait.Until("scrapes", TimeSpan.FromSeconds(60), () => exporter.ServedOn("/metrics").Count > 3);

        node.Terminate();
        await Wait.Until("the stop", TimeSpan.FromSeconds(60), () => node.Output.Contains("Stopping: ", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.False(node.HasExited, "it waits for the receiver");
        Assert.Equal(0, await node.StopAsync(TimeSpan.FromSeconds(40)));

        Assert.Contains("Told again to stop: what remote write had not sent yet is not sent", node.Output, StringComparison.Ordinal);
        var stored = await Tools.DumpAsync(folder.Sub("data"));
        Assert.True(stored.Count(line => line.StartsWith("{__name__=\"page_number\"", StringComparison.Ordinal)) >= 3);
    }

    [Fact]
    public async Task Terminate_WhileStarting_Ends()
    {
        using var folder = new TestFolder();
        var config = folder.File("prometheus.yml", "");
        for (var milliseconds = 100; milliseconds < 1500; milliseconds += 350)
        {
            await using var node = NodeProcess.Start(config, folder.Sub("data"));
            await Task.Delay(milliseconds);
            await node.StopAsync(TimeSpan.FromSeconds(60));
            Assert.DoesNotContain("Unhandled exception", node.Output, StringComparison.Ordinal);
        }
    }
}
