using System.Net;
using System.Net.Sockets;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Faults;

/// <summary>A node that cannot start says what is wrong, with the value and the setting, and ends with a non-zero code.</summary>
public sealed class StartFaultTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task PortInUse_NamesAddressAndFlag()
    {
        using var folder = new TestFolder();
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        await using var node = NodeProcess.Start(folder.File("prometheus.yml", ""), folder.Sub("data"), port);
        await AssertRefusesAsync(node, $"127.0.0.1:{port}", "--web.listen-address");
    }

    [Fact]
    public async Task DataDirectoryInUse_NamesDirectoryAndHolder()
    {
        using var folder = new TestFolder();
        var config = folder.File("prometheus.yml", "");
        await using var first = NodeProcess.Start(config, folder.Sub("data"));
        await first.ReadyAsync();
        await using var second = NodeProcess.Start(config, folder.Sub("data"));
        await AssertRefusesAsync(second, folder.Sub("data"), $"{first.Id}", "--storage.path");
        Assert.False(first.HasExited);
    }

    [Fact]
    public async Task DataPathIsAFile_NamesIt()
    {
        using var folder = new TestFolder();
        await using var node = NodeProcess.Start(folder.File("prometheus.yml", ""), folder.File("data", "not a folder"));
        await AssertRefusesAsync(node, folder.Sub("data"), "--storage.path");
    }

    [Fact]
    public async Task MissingConfigFile_NamesFileAndFlag()
    {
        using var folder = new TestFolder();
        await using var node = NodeProcess.Start(folder.Sub("absent.yml"), folder.Sub("data"));
        await AssertRefusesAsync(node, folder.Sub("absent.yml"), "--config.file");
    }

    [Fact]
    public async Task BrokenConfig_ReportsEveryFaultWithItsLine()
    {
        using var folder = new TestFolder();
        var config = folder.File("prometheus.yml", """
            global:
              scrape_interval: soon
            scrape_configs:
            - job_name: a
              scrape_intervall: 1s
              static_configs: [targets: ['127.0.0.1:1']]
            - job_name: a
              relabel_configs:
              - regex: '('
            """);
        await using var node = NodeProcess.Start(config, folder.Sub("data"));
        await AssertRefusesAsync(node, $"{config}:2", $"{config}:5", "scrape_intervall", $"{config}:9");
    }

    [Fact]
    public async Task UnknownFlag_NamesTheNearest()
    {
        using var folder = new TestFolder();
        await using var node = NodeProcess.StartBare(1, folder.Path, "--web.listen-adress=127.0.0.1:1");
        await AssertRefusesAsync(node, "--web.listen-adress", "--web.listen-address");
    }

    [Fact]
    public async Task UnsupportedDiscovery_NamesAllJobs_AndCanBeSkipped()
    {
        using var folder = new TestFolder();
        var config = folder.File("prometheus.yml", """
            scrape_configs:
            - job_name: from-consul
              consul_sd_configs: [server: 'localhost:8500']
            - job_name: from-dns
              dns_sd_configs: [names: ['a.example']]
            - job_name: fine
              static_configs: [targets: ['127.0.0.1:1']]
            """);
        await using (var node = NodeProcess.Start(config, folder.Sub("data")))
        {
            await AssertRefusesAsync(node, "from-consul", "from-dns", "--config.skip-unsupported");
        }

        await using var skipping = NodeProcess.Start(config, folder.Sub("data"), null, "--config.skip-unsupported");
        await skipping.ReadyAsync();
        var page = await skipping.TextAsync("/");
        Assert.Contains("from-consul", page, StringComparison.Ordinal);
        Assert.Contains("from-dns", page, StringComparison.Ordinal);
        await Wait.Until("the supported job to have its target", Deadline, async () =>
            (await skipping.DataAsync("/api/v1/targets?state=active")).GetProperty("activeTargets").GetArrayLength() == 1);
    }

    [Fact]
    public async Task IgnoredSections_AreShownOnPageAndMetric()
    {
        using var folder = new TestFolder();
        var config = folder.File("prometheus.yml", "rule_files: ['x.yml']\nalerting: {alertmanagers: [static_configs: [targets: ['127.0.0.1:9']]]}\n");
        await using var node = NodeProcess.Start(config, folder.Sub("data"));
        await node.ReadyAsync();
        Assert.Equal(2, await node.MetricAsync("scrapecluster_config_ignored_sections"));
        Assert.Contains("rule_files", await node.TextAsync("/"), StringComparison.Ordinal);
        await Wait.Until("the log to name a section", Deadline, () => node.Output.Contains("alerting", StringComparison.Ordinal), () => node.Output);
    }

    private static async Task AssertRefusesAsync(NodeProcess node, params string[] said)
    {
        await node.WaitForExitAsync(Deadline);
        await Wait.Until("the output to be complete", TimeSpan.FromSeconds(60), () => said.All(text => node.Output.Contains(text, StringComparison.Ordinal)),
            () => $"output without one of [{string.Join(", ", said)}]:\n{node.Output}");
        Assert.NotEqual(0, node.ExitCode);
    }
}
