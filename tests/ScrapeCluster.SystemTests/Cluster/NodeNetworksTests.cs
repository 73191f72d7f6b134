using System.Net;
using System.Net.Sockets;
using ScrapeCluster.Testing.Exporter;
using ScrapeCluster.Testing.Faults;

namespace ScrapeCluster.SystemTests.Cluster;

/// <summary>The cuts that the fault tests make are what they say: silent, of one link, and over when healed.</summary>
public sealed class NodeNetworksTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    /// <summary>What is reached is reached at once, but for a machine that has no time for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Cut_SwallowsOneLinkOnly_AndHealBringsItBack()
    {
        Assert.SkipWhen(NodeNetworks.Missing() is not null, NodeNetworks.Missing() ?? "");
        using var networks = new NodeNetworks();
        networks.Add("n1");
        networks.Add("n2");
        using var database = new RecordingExporter(networks.HostAddress(NodeLink.Database));
        using var targets = new RecordingExporter(networks.HostAddress(NodeLink.Targets));
        Assert.True(await CanReachAsync(networks, "n1", database.Address));
        Assert.True(await CanReachAsync(networks, "n1", targets.Address));

        networks.Cut("n1", NodeLink.Database);

        Assert.Equal(SocketError.TimedOut, await HowAsync(networks, "n1", database.Address, Silence));
        Assert.True(await CanReachAsync(networks, "n1", targets.Address));
        Assert.True(await CanReachAsync(networks, "n2", database.Address));
        networks.Heal("n1");
        Assert.True(await CanReachAsync(networks, "n1", database.Address));
    }

    [Fact]
    public async Task Cut_NodeToNode_IsSilentAndDoesNotRefuse()
    {
        Assert.SkipWhen(NodeNetworks.Missing() is not null, NodeNetworks.Missing() ?? "");
        using var networks = new NodeNetworks();
        networks.Add("n1");
        networks.Add("n2");
        // Nobody listens: whoever gets through is refused.
        var peer = $"{networks.AddressOf("n2", NodeLink.Peers)}:9";
        Assert.Equal(SocketError.ConnectionRefused, await HowAsync(networks, "n1", peer, Patience));

        networks.Cut("n2", NodeLink.Peers);

        Assert.Equal(SocketError.TimedOut, await HowAsync(networks, "n1", peer, Silence));
    }

    private static async Task<bool> CanReachAsync(NodeNetworks networks, string node, string address) => await HowAsync(networks, node, address, Patience) == SocketError.Success;

    /// <summary>bash can connect, and is where ip is.</summary>
    private static async Task<SocketError> HowAsync(NodeNetworks networks, string node, string address, TimeSpan within)
    {
        var (host, port) = (IPEndPoint.Parse(address).Address, IPEndPoint.Parse(address).Port);
        var entering = networks.Entering(node);
        var (exitCode, _, errors) = await Harness.Tools.RunAsync(entering[0],
            [.. entering.Skip(1), "timeout", $"{within.TotalSeconds}", "bash", "-c", $"exec 3<> /dev/tcp/{host}/{port}"]);
        return exitCode switch
        {
            0 => SocketError.Success,
            124 => SocketError.TimedOut,
            _ => errors.Contains("refused", StringComparison.Ordinal) ? SocketError.ConnectionRefused : SocketError.SocketError,
        };
    }
}
