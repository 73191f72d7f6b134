using System.Security.Cryptography;
using System.Text;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>
/// Shows that a call, and its answer, comes from somebody who knows the cluster's secret, without saying it: HMAC-SHA256 under a key derived from it.
/// docs/decisions/0004-peers.md says what that protects from and what not.
/// </summary>
internal sealed class PeerProof(ClusterSecret secret)
{
    private readonly byte[] _key = secret.DeriveKey("peer-proof");

    public string Of(PeerHead head) => Sign(head.Canonical());

    public bool Holds(PeerHead head, string proof) => AreEqual(Of(head), proof);

    /// <summary>Over the nonce of the call: an answer given before cannot be given again.</summary>
    public string OfAnswer(PeerHead head, string node) => Sign($"answer\n{Uri.EscapeDataString(node)}\n{head.Canonical()}");

    public bool AnswerHolds(PeerHead head, string node, string proof) => AreEqual(OfAnswer(head, node), proof);

    public static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    private string Sign(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));

    private static bool AreEqual(string expected, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));
}
