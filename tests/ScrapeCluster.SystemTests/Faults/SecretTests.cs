using System.Net;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Faults;

/// <summary>What is secret in a configuration is sent to whom it is meant for, and shown to nobody: not in the log, the API, the page, the metrics or an error.</summary>
public sealed class SecretTests
{
    private const string Secret = "s3cr3t";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly string[] Paths =
    [
        "/", "/metrics", "/api/v1/status/config", "/api/v1/status/flags", "/api/v1/status/runtimeinfo", "/api/v1/targets", "/api/v1/scrape_pools",
        "/api/v1/targets/metadata", "/api/cluster/v1/target_sets", "/federate?match[]={__name__=~\".%2B\"}",
    ];

    [Fact]
    public async Task Secrets_AreSent_AndShownNowhere()
    {
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        await using var receiver = new RecordingReceiver();
        exporter.OnPath("/basic", n => $"page_number {n}\n");
        exporter.OnPath("/bearer", n => $"page_number {n}\n");
        exporter.OnPath("/refuses", _ => new Page("") { Status = 401 });
        var config = folder.File("prometheus.yml", Config(exporter, receiver));
        await using var node = NodeProcess.Start(config, folder.Sub("data"), null, "--log.level=debug", "--web.enable-lifecycle");
        await node.ReadyAsync();
        await Wait.Until("every job to be scraped", Deadline, async () =>
            exporter.ServedOn("/basic").Count > 1 && exporter.ServedOn("/bearer").Count > 1 && exporter.ServedOn("/refuses").Count > 1
            && (await node.DataAsync("/api/v1/targets")).GetProperty("activeTargets").EnumerateArray().All(target => target.GetProperty("health").GetString() != "unknown"),
            () => node.Output);

        Assert.Equal($"Basic {Convert.ToBase64String("user:s3cr3t-basic"u8)}", exporter.ServedOn("/basic")[0].RequestHeaders["Authorization"]);
        Assert.Equal("Bearer s3cr3t-bearer", exporter.ServedOn("/bearer")[0].RequestHeaders["Authorization"]);
        Assert.Equal("s3cr3t-header", exporter.ServedOn("/bearer")[0].RequestHeaders["X-Key"]);
        await AssertShownNowhereAsync(node);

        // A file that cannot be used is refused without a word of what is secret in it.
        File.AppendAllText(config, "nonsense: 1\n");
        using (var answer = await node.PostAsync("/-/reload"))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            Assert.DoesNotContain(Secret, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await AssertShownNowhereAsync(node);
        Assert.Equal(0, await node.StopAsync());
        Assert.DoesNotContain(Secret, node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfABrokenConfig_SaysNoSecret()
    {
        using var folder = new TestFolder();
        await using var exporter = new ScriptedExporter();
        await using var receiver = new RecordingReceiver();
        var config = folder.File("prometheus.yml", Config(exporter, receiver).Replace("password: s3cr3t-basic", "password: [s3cr3t-basic]", StringComparison.Ordinal));

        var (exitCode, output, errors) = await Tools.RunAsync("dotnet", Repository.ScrapectlDll, "check", "config", config);

        Assert.Equal(1, exitCode);
        Assert.Contains("password", output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, output + errors, StringComparison.Ordinal);
    }

    private static async Task AssertShownNowhereAsync(NodeProcess node)
    {
        foreach (var path in Paths)
        {
            using var answer = await node.GetAsync(path);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
            var text = await answer.Content.ReadAsStringAsync();
            Assert.False(text.Contains(Secret, StringComparison.Ordinal), $"{path} shows a secret");
            Assert.NotEmpty(text);
        }

        Assert.DoesNotContain(Secret, node.Output, StringComparison.Ordinal);
    }

    private static string Config(ScriptedExporter exporter, RecordingReceiver receiver) => $$"""
        global: {scrape_interval: 500ms, scrape_timeout: 500ms}
        remote_write:
        - url: http://writer:s3cr3t-in-url@127.0.0.1:{{receiver.Port}}/write
        - url: {{receiver.Url("/other")}}
          name: other
          basic_auth:
            username: user
            password: s3cr3t-write
        scrape_configs:
        - job_name: basic
          metrics_path: /basic
          basic_auth:
            username: user
            password: s3cr3t-basic
          static_configs: [targets: ['{{exporter.Address}}']]
        - job_name: bearer
          metrics_path: /bearer
          authorization:
            credentials: s3cr3t-bearer
          http_headers:
            X-Key: {secrets: [s3cr3t-header]}
          static_configs: [targets: ['{{exporter.Address}}']]
        - job_name: refuses
          metrics_path: /refuses
          basic_auth: {username: user, password: s3cr3t-refused}
          static_configs: [targets: ['{{exporter.Address}}']]
        - job_name: unreachable
          authorization: {credentials: s3cr3t-unreachable}
          proxy_url: http://proxy:s3cr3t-proxy@127.0.0.1:1
          static_configs: [targets: ['{{exporter.Address}}']]

        """;
}
