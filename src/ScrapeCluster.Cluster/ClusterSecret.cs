using System.Security.Cryptography;
using System.Text;

namespace ScrapeCluster.Cluster;

/// <summary>
/// What all nodes of a cluster know and nobody else (<c>scrapecluster.cluster.secret</c>). It never prints and is used for nothing itself: every use has
/// a key of its own that is derived from it.
/// </summary>
public sealed class ClusterSecret(string text)
{
    /// <summary>Whoever hears a call can try secrets against its proof at leisure: a short one would be found.</summary>
    public const int LeastLength = 16;

    private const int KeyLengthBytes = 32;

    // A file's last line end is no part of the secret in it.
    private readonly byte[] _bytes = Encoding.UTF8.GetBytes(text.Trim());

    /// <summary>For a node that is alone and has nobody to share one with.</summary>
    public static ClusterSecret Random() => new(Convert.ToHexString(RandomNumberGenerator.GetBytes(KeyLengthBytes)));

    /// <summary>Why this text is no secret, to be said with the name of the setting it came from; null when it is one.</summary>
    public static string? FaultOf(string text) => text.Trim().Length >= LeastLength
        ? null
        : $"has {text.Trim().Length} characters, at least {LeastLength} are needed: take the output of `openssl rand -hex 32`, the same on every node";

    public override string ToString() => "<secret>";

    internal byte[] DeriveKey(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _bytes, KeyLengthBytes, info: Encoding.UTF8.GetBytes($"scrapecluster/{purpose}"));
}
