using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Node;

/// <summary>What asks for samples is refused in agent mode, in Prometheus's words; all else is answered.</summary>
public sealed class AgentRefusalsTests
{
    [Fact]
    public async Task Get_InAgentMode_RefusesWhatReadsSamples()
    {
        await using var node = await EndpointFixture.StartAsync(
            DateTimeOffset.UnixEpoch,
            Labels.Empty,
            arrange: context => context with
            {
                Settings = context.Settings with { Storage = context.Settings.Storage with { Mode = StorageMode.Agent } },
            });
        foreach (var path in (string[])["query?query=up", "query_range", "series?match[]=up", "labels", "label/job/values", "status/tsdb", "rules", "alerts", "alertmanagers", "read"])
        {
            var (status, body) = await node.GetAsync($"/api/v1/{path}");
            Assert.True(status == 422, $"{path}: {status}");
            Assert.Equal("""{"status":"error","errorType":"execution","error":"unavailable with Prometheus Agent"}""", body);
        }

        Assert.Equal(500, (await node.GetAsync("/federate?match[]=up")).Status);
        foreach (var path in (string[])["/api/v1/targets", "/api/v1/scrape_pools", "/api/v1/status/walreplay", "/api/v1/status/flags", "/metrics", "/-/ready"])
        {
            Assert.Equal(200, (await node.GetAsync(path)).Status);
        }
    }
}
