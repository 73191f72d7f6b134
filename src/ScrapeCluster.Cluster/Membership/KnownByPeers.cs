using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>Asks other nodes for the rows they hold, when the store cannot be asked or cannot be believed.</summary>
internal static class KnownByPeers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Of those who answer within a second.</summary>
    public static async Task<IReadOnlyList<KnownAssignments>> AskAsync(IPeers peers, IEnumerable<PeerAddress> addresses, CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(addresses.Select(address => AskAsync(peers, address, cancellation)));
        return [.. answers.OfType<KnownAssignments>()];
    }

    private static async Task<KnownAssignments?> AskAsync(IPeers peers, PeerAddress address, CancellationToken cancellation)
    {
        try
        {
            return await peers.CallAsync(address, PeerMethods.Known, new Empty(), KnownAssignments.Parser, Patience, cancellation);
        }
        catch (PeerUnavailableException)
        {
            return null;
        }
    }
}
