using Google.Protobuf;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>
/// Calls to other nodes over their peer listeners (<c>cluster.listen-address</c>, HTTP/2). Every call proves the cluster's secret, is bounded in size and
/// time, and fails with <see cref="PeerUnavailableException"/>; it may have taken effect all the same, so whatever is said can be said twice.
/// </summary>
public interface IPeers
{
    /// <param name="method">One of <see cref="PeerMethods"/>.</param>
    Task<TAnswer> CallAsync<TAnswer>(PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, TimeSpan timeout, CancellationToken cancellation)
        where TAnswer : IMessage<TAnswer>;

    /// <summary>A stream of answers, which ends by <see cref="PeerUnavailableException"/> when it breaks. Quiet streams stay open; whoever reads them judges silence.</summary>
    IAsyncEnumerable<TAnswer> StreamAsync<TAnswer>(PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, CancellationToken cancellation)
        where TAnswer : IMessage<TAnswer>;

    /// <summary>Whether anybody listens there; false only when the connection is refused, which a process that has ended does and a slow one does not.</summary>
    Task<bool> IsListeningAsync(PeerAddress to, TimeSpan timeout, CancellationToken cancellation);
}

/// <param name="Node">Its name, part of the proof: a call that reaches another node is refused there.</param>
/// <param name="Address">host:port.</param>
public readonly record struct PeerAddress(string Node, string Address);

/// <param name="isRefused">Nobody listens there: the process has ended, or never began.</param>
public sealed class PeerUnavailableException(string message, bool isRefused, Exception? cause = null) : Exception(message, cause)
{
    public bool IsRefused { get; } = isRefused;
}
