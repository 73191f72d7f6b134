using Google.Protobuf;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>What goes back to a caller: one message, a stream of them, or a fault.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Proof">That this node knows the secret; empty for a caller that has not shown the same.</param>
public sealed record PeerReply(int Status, string Proof, string Fault = "", byte[]? Body = null, IAsyncEnumerable<IMessage>? Messages = null);
