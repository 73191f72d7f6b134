using System.Net.Sockets;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Durability;

/// <summary>What a new user does first: start the node without any argument.</summary>
public sealed class DefaultRunTests
{
    private const int DefaultPort = 9095;

    [Fact]
    public async Task NoArguments_ScrapesItselfAndStoresUnderData()
    {
        Tools.Require("promtool");
        if (IsTaken(DefaultPort))
        {
            Assert.Skip($"port {DefaultPort}, the default, is taken on this machine");
        }

        using var folder = new TestFolder();
        await using var node = NodeProcess.StartBare(DefaultPort, folder.Path);
        await node.ReadyAsync();
        await Wait.Until("the node's own target to be up", TimeSpan.FromSeconds(60), async () =>
        {
            var targets = (await node.DataAsync("/api/v1/targets?state=active")).GetProperty("activeTargets");
            return targets.GetArrayLength() == 1 && targets[0].GetProperty("health").GetString() == "up";
        });
        Assert.Equal(0, await node.StopAsync());

        var dump = await Tools.DumpAsync(Path.Combine(folder.Path, "data"));
        Assert.Contains(dump, line => line.StartsWith("{__name__=\"up\"", StringComparison.Ordinal) && line.Contains("} 1 ", StringComparison.Ordinal));
        Assert.Contains(dump, line => line.Contains("__name__=\"prometheus_tsdb_head_series\"", StringComparison.Ordinal));
    }

    private static bool IsTaken(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
