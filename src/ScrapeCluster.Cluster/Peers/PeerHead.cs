namespace ScrapeCluster.Cluster.Peers;

/// <summary>What a call says of itself before its body. All of it is under the proof.</summary>
/// <param name="Method">One of <see cref="PeerMethods"/>.</param>
/// <param name="To">The node that is meant.</param>
/// <param name="Nonce">Random, never used twice.</param>
/// <param name="SentAtMs">Cluster time in Unix milliseconds; empty when the caller does not know it.</param>
/// <param name="BodyHash">SHA-256 of the body, so that the proof can be checked before a byte of the body is read.</param>
public sealed record PeerHead(string Method, string Cluster, string From, string To, string Nonce, string SentAtMs, string BodyHash)
{
    /// <summary>One line a field; escaped, so that no two heads have the same text.</summary>
    internal string Canonical() => string.Join('\n', new[] { "call", Method, Cluster, From, To, Nonce, SentAtMs, BodyHash }.Select(Uri.EscapeDataString));
}

/// <summary>How a <see cref="PeerHead"/> travels. Values are percent-encoded: names may have any character.</summary>
public static class PeerHeaders
{
    public const string PathPrefix = "/peer/v1/";
    public const string Cluster = "scrapecluster-cluster";
    public const string From = "scrapecluster-from";
    public const string To = "scrapecluster-to";
    public const string Nonce = "scrapecluster-nonce";
    public const string SentAt = "scrapecluster-time";
    public const string BodyHash = "scrapecluster-body";

    /// <summary>In a request and, over its nonce, in the answer.</summary>
    public const string Proof = "scrapecluster-proof";

    /// <summary>In an answer: the node that gave it.</summary>
    public const string Node = "scrapecluster-node";

    /// <param name="header">A header's value by name; empty when it is missing.</param>
    public static PeerHead Read(string path, Func<string, string> header)
    {
        var method = path.StartsWith(PathPrefix, StringComparison.Ordinal) ? path[PathPrefix.Length..] : "";
        return new PeerHead(method, Plain(Cluster), Plain(From), Plain(To), Plain(Nonce), Plain(SentAt), Plain(BodyHash));

        string Plain(string name) => Uri.UnescapeDataString(header(name));
    }

    internal static void Write(PeerHead head, string proof, Action<string, string> add)
    {
        add(Cluster, Uri.EscapeDataString(head.Cluster));
        add(From, Uri.EscapeDataString(head.From));
        add(To, Uri.EscapeDataString(head.To));
        add(Nonce, head.Nonce);
        add(SentAt, head.SentAtMs);
        add(BodyHash, head.BodyHash);
        add(Proof, proof);
    }
}
